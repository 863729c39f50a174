const endings: (() => void)[] = [];

/** Has `ending` called once all tests of the process are over, however they ended. */
export function atEnd(ending: () => void): void {
  endings.push(ending);
}

/** For preload.ts. */
export function endAll(): void {
  for (const ending of endings) ending();
}
