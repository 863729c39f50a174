/** How many calls are under way at once where no `concurrency` is given. */
const AT_ONCE = 100;

export interface MapOptions {
  /** How many calls may be under way at once; 100 by default. */
  readonly concurrency?: number;
}

/** Calls for each item, some at a time; order is kept, and the first failure is thrown when all have settled. */
export async function mapConcurrently<Item, Result>(
  items: Iterable<Item>,
  call: (item: Item) => Promise<Result>,
  { name, concurrency = AT_ONCE }: MapOptions & { readonly name: string },
): Promise<Result[]> {
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    const why = `concurrency is ${concurrency}, expected a whole number from 1`;
    throw new Error(`Cannot map task "${name}": ${why}`);
  }
  const list = [...items];
  const results = new Array<Result>(list.length);
  const failures: unknown[] = [];
  // Shared by the lanes, so that calls begin in the order of the items.
  const waiting = list.entries();
  const lane = async () => {
    for (const [index, item] of waiting) {
      try {
        results[index] = await call(item);
      } catch (thrown) {
        failures.push(thrown);
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, list.length) }, lane));
  if (failures.length > 0) throw failures[0];
  return results;
}
