const LENGTH_MAX = 100;

/** The known name that somebody who wrote `name` most likely meant; undefined when none is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > LENGTH_MAX) return undefined;
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length * 0.4)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - wanted.length) >= bestDistance) continue;
    const away = distance(wanted, candidate.toLowerCase());
    if (away < bestDistance) {
      best = candidate;
      bestDistance = away;
    }
  }
  return best;
}

/** How many characters must be added, dropped, replaced, or swapped with the next (Damerau-Levenshtein). */
function distance(from: string, to: string): number {
  const [letters, others] = [[...from], [...to]];
  // A table of the distances of their beginnings, with 0 beyond its edge.
  const table: number[][] = [];
  const at = (row: number, column: number) => table[row]?.[column] ?? 0;
  for (let row = 0; row <= letters.length; row += 1) {
    const line: number[] = [];
    table.push(line);
    for (let column = 0; column <= others.length; column += 1) {
      line.push(row * column === 0 ? row + column : stepsTo(row, column));
    }
  }
  return at(letters.length, others.length);

  function stepsTo(row: number, column: number): number {
    const [letter, other] = [letters[row - 1], others[column - 1]];
    const replaced = at(row - 1, column - 1) + (letter === other ? 0 : 1);
    const shifted = Math.min(at(row - 1, column), at(row, column - 1)) + 1;
    const isSwapped = letters[row - 2] === other && others[column - 2] === letter;
    return Math.min(replaced, shifted, isSwapped ? at(row - 2, column - 2) + 1 : replaced);
  }
}
