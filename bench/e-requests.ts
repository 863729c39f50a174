import { percentile } from "./report.ts";

/** A path to ask for; the number grows with every time it is asked for. */
export type Ask = (no: number) => string;

/** Milliseconds that each request took until its answer had been read. */
export async function timed(url: string, ask: Ask, count: number): Promise<readonly number[]> {
  const took: number[] = [];
  for (let no = 0; no < count; no += 1) took.push(await timedOnce(url + ask(no)));
  return took;
}

/** The same by several clients at once, each with its share of the requests. */
export async function timedTogether(
  url: string,
  ask: Ask,
  { clients, count }: { readonly clients: number; readonly count: number },
): Promise<readonly number[]> {
  const share = Math.ceil(count / clients);
  const all = await Promise.all(
    Array.from({ length: clients }, (_, client) =>
      timed(url, (no) => ask(client * share + no), share),
    ),
  );
  return all.flat();
}

export function p99(took: readonly number[]): number {
  return percentile(took, 0.99);
}

export function p50(took: readonly number[]): number {
  return percentile(took, 0.5);
}

async function timedOnce(address: string): Promise<number> {
  const began = performance.now();
  const answer = await fetch(address);
  await answer.arrayBuffer();
  const took = performance.now() - began;
  if (!answer.ok) throw new Error(`Cannot measure ${address}: it answered ${answer.status}`);
  return took;
}
