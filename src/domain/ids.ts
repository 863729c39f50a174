import type { Instant } from "./instant.ts";

type Branded<Name extends string> = string & { readonly __brand: Name };

/** A flow run's id: a UUID, version 7 (RFC 9562). */
export type RunId = Branded<"RunId">;
/** A task run's id: a UUID, version 7. */
export type TaskRunId = Branded<"TaskRunId">;
/** A delivery's id, the same at each of its attempts: a UUID, version 7. */
export type DeliveryId = Branded<"DeliveryId">;
/** One life of a daemon process: a UUID, version 7. */
export type BootId = Branded<"BootId">;
/** The name of a flow, unique in a config. */
export type FlowName = Branded<"FlowName">;
/** A schedule's stable key within its flow. */
export type ScheduleKey = Branded<"ScheduleKey">;
/** Names a hook across generations: `flow:NAME/onFailure/notify` or `module:./hooks/audit.ts`. */
export type HookKey = Branded<"HookKey">;

/** A limit on how many runs go on at once: `flow:NAME` or `tag:NAME`. */
export type SlotName = Branded<"SlotName">;

/** Where randomness comes from: bytes from the operating system in the daemon, a seeded source in tests. */
export type Random = (bytes: number) => Uint8Array;

export const systemRandom: Random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes));

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** A new UUID, version 7: 48 bits of `now`, 74 random bits. */
export function uuidv7(now: Instant, random: Random = systemRandom): string {
  const tail = random(10);
  const time = now.toString(16).padStart(12, "0");
  const hex = (index: number) => HEX[tail[index] ?? 0] ?? "00";
  const version = HEX[0x70 | ((tail[0] ?? 0) & 0x0f)];
  const variant = HEX[0x80 | ((tail[2] ?? 0) & 0x3f)];
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}${hex(1)}-${variant}${hex(3)}-${hex(4)}${hex(5)}${hex(6)}${hex(7)}${hex(8)}${hex(9)}`;
}
