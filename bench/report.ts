import { loadavg } from "node:os";

/** One figure over several runs. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly values: readonly number[];
  /** What the stack could do, measured in the same run. */
  readonly limit?: number;
  readonly goal?: string;
  readonly peers?: string;
}

/** Prints figures as a table for people and as a JSON line for machines. */
export function report(bench: string, figures: readonly Figure[]): void {
  console.log(`\n${bench}   (load ${loadNow()})`);
  for (const figure of figures) {
    const { name, unit, values, limit, goal, peers } = figure;
    const [least, middle, most] = spread(values);
    const ratio =
      limit === undefined
        ? ""
        : `  limit ${shown(limit)}, ratio ${((100 * middle) / limit).toFixed(1)} %`;
    const wanted = goal === undefined ? "" : `  goal ${goal}`;
    console.log(
      `  ${name.padEnd(34)} ${[least, middle, most].map(shown).join(" / ")} ${unit}${ratio}${wanted}`,
    );
    if (peers !== undefined)
      console.log(`  ${"".padEnd(34)} peers, measured earlier on such a machine: ${peers}`);
  }
  console.log(
    JSON.stringify({
      bench,
      figures: figures.map((figure) => ({ ...figure, median: spread(figure.values)[1] })),
    }),
  );
}

/** Minimum, median and maximum. */
export function spread(values: readonly number[]): readonly [number, number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  return [sorted[0] ?? 0, sorted[Math.floor(sorted.length / 2)] ?? 0, sorted.at(-1) ?? 0];
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function shown(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2);
}

function loadNow(): string {
  return (loadavg()[0] ?? 0).toFixed(2);
}
