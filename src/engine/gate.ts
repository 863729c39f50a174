import { durationInWords } from "../domain/duration.ts";
import type { DedupePolicy, HookSpec } from "../domain/flow.ts";
import { type Instant, isoOf, later } from "../domain/instant.ts";
import { whyItNoLongerHolds } from "../store/delivery-holding.ts";
import type { DueDelivery } from "../store/due-deliveries.ts";
import type { Store } from "../store/open-store.ts";
import { type GateMemory, recallHook } from "./gate-memory.ts";

// In: a delivery that is due. Out: whether its hook's own options let it ring.

export type GateAnswer =
  | { readonly type: "ring" }
  | { readonly type: "drop"; readonly reason: string }
  | { readonly type: "wait"; readonly until: Instant };

/** Applies `holdFor`, `rateLimit` and `dedupe`. What somebody asked for again is neither held nor dropped. */
export interface Gate {
  judge(delivery: DueDelivery, hook: HookSpec, now: Instant): GateAnswer;
}

interface Case {
  readonly delivery: DueDelivery;
  readonly hook: HookSpec;
  readonly now: Instant;
  /** Only the first attempt may be dropped. */
  readonly isFirst: boolean;
}

export function createGate(store: Pick<Store, "reader" | "saveHookMemory">): Gate {
  const memories = new Map<number, GateMemory>();
  const memoryOf = (hookNo: number) => {
    const memory = memories.get(hookNo) ?? recallHook(store, hookNo);
    memories.set(hookNo, memory);
    return memory;
  };
  return {
    judge(delivery, hook, now) {
      const { holdForMs, dedupe, rateLimit } = hook;
      if (holdForMs === undefined && dedupe === undefined && rateLimit === undefined) {
        return { type: "ring" };
      }
      const isFirst = delivery.attempts === 0 && !delivery.replayed;
      const asked: Case = { delivery, hook, now, isFirst };
      const held =
        isFirst && holdForMs !== undefined ? heldBack(store, asked, holdForMs) : undefined;
      return (
        held ?? beyondRate(memoryOf, asked) ?? sameAgain(memoryOf, asked) ?? ring(memoryOf, asked)
      );
    },
  };
}

type MemoryOf = (hookNo: number) => GateMemory;

function heldBack(
  store: Pick<Store, "reader">,
  { delivery }: Case,
  holdForMs: number,
): GateAnswer | undefined {
  const reason = whyItNoLongerHolds(store.reader, delivery.no);
  return reason === undefined ? undefined : drop(reason, "holdFor", holdForMs);
}

function beyondRate(
  memoryOf: MemoryOf,
  { delivery, hook: { rateLimit }, now, isFirst }: Case,
): GateAnswer | undefined {
  if (rateLimit === undefined) return undefined;
  const until = memoryOf(delivery.hookNo).fullUntil(rateLimit, now);
  if (until === undefined) return undefined;
  if (rateLimit.excess === "wait" || !isFirst) return { type: "wait", until };
  return drop(`it was rung ${rateLimit.max} times already`, "rateLimit", rateLimit.perMs);
}

function sameAgain(
  memoryOf: MemoryOf,
  { delivery, hook: { dedupe }, now, isFirst }: Case,
): GateAnswer | undefined {
  if (dedupe === undefined || !isFirst) return undefined;
  const memory = memoryOf(delivery.hookNo);
  const key = sameKey(delivery, dedupe.by);
  const twin = memory.twinOf(key, delivery.id, later(now, -dedupe.withinMs));
  if (twin === undefined) {
    memory.noteSame(key, delivery.id, now);
    return undefined;
  }
  const reason = `it is the same as delivery "${twin.id}", rung at ${isoOf(twin.at)}`;
  return drop(reason, "dedupe", dedupe.withinMs);
}

function ring(memoryOf: MemoryOf, { delivery, hook, now }: Case): GateAnswer {
  if (hook.rateLimit !== undefined) memoryOf(delivery.hookNo).noteRung(now);
  return { type: "ring" };
}

function drop(reason: string, option: string, ms: number): GateAnswer {
  return { type: "drop", reason: `${reason} (${option} ${durationInWords(ms)})` };
}

/** Names what counts as the same. */
function sameKey({ moment, about }: DueDelivery, by: DedupePolicy["by"]): string {
  const parts = about.kind === "run" ? partsOfRun(about) : partsOfDecision(about);
  const further = { flow: [], run: [parts.run], message: [parts.message] }[by];
  return JSON.stringify([moment, ...parts.of, ...further]);
}

function partsOfRun({ run, taskRun, state }: Extract<DueDelivery["about"], { kind: "run" }>) {
  return { of: [run.flow, taskRun?.task ?? ""], run: String(run.id), message: state.message };
}

function partsOfDecision({ decision }: Extract<DueDelivery["about"], { kind: "decision" }>) {
  const { flow, schedule, dueAt, reason } = decision;
  return { of: [flow, schedule], run: String(dueAt), message: reason };
}
