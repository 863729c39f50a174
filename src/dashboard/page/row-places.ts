/** Where each of many rows is, in pixels from the first one's top. */
export interface RowPlaces {
  readonly count: number;
  /** The top of a row; with `count`, the end of the last. */
  topOf(index: number): number;
  /** The row that a place lies in; the nearest one for places outside. */
  rowAt(pixels: number): number;
}

/** Rows that are all of one height. */
export function evenRows(count: number, height: number): RowPlaces {
  return {
    count,
    topOf: (index) => Math.min(index, count) * height,
    rowAt: (pixels) => Math.max(0, Math.min(count - 1, Math.floor(pixels / height))),
  };
}

/** Rows of which each has a height of its own. */
export function unevenRows(heights: readonly number[]): RowPlaces {
  const tops = [0];
  for (const height of heights) tops.push((tops.at(-1) ?? 0) + height);
  const count = heights.length;
  return {
    count,
    topOf: (index) => tops[Math.min(index, count)] ?? 0,
    rowAt(pixels) {
      let low = 0;
      let high = count - 1;
      while (low < high) {
        const middle = (low + high + 1) >>> 1;
        if ((tops[middle] ?? 0) <= pixels) low = middle;
        else high = middle - 1;
      }
      return low;
    },
  };
}
