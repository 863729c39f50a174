/** A seeded source of chance (mulberry32): a failing month can be run again. */
export function chanceOf(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    upTo: (most: number) => Math.floor(next() * most),
    oneIn: (n: number) => next() < 1 / n,
  };
}

export type Chance = ReturnType<typeof chanceOf>;
