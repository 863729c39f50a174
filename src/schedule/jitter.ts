import type { Instant } from "../domain/instant.ts";

/**
 * How long after its due time a run is to start, in milliseconds: from 0 up to, not including, `jitterMs`.
 * The same flow and due time always get the same jitter, so that a restart does not move a run;
 * different flows are spread evenly. Never as far as `nextDue`.
 */
export function jitterMs(
  flow: string,
  { due, next }: { readonly due: Instant; readonly next: Instant | undefined },
  maxMs: number,
): number {
  const room = next === undefined ? maxMs : Math.min(maxMs, next - due);
  return Math.floor(share(`${flow}\n${due}`) * room);
}

/** A number from 0 up to, not including, 1: 32 bits of FNV-1a, mixed by the end of MurmurHash3. */
function share(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
