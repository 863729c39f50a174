import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { OverlapPolicy } from "../../src/domain/flow.ts";
import type { RunId } from "../../src/domain/ids.ts";
import { type Instant, instant } from "../../src/domain/instant.ts";
import { type OpenRun, OVERLAP_POLICIES, overlapping } from "../../src/domain/overlap.ts";

const DUES: readonly Instant[] = [1, 2, 3].map(instant);
const [A, B, C] = DUES as readonly [Instant, Instant, Instant];
const running: OpenRun = { id: "running" as RunId, waits: false };
const waiting: OpenRun = { id: "waiting" as RunId, waits: true };

function of(policy: OverlapPolicy, dues: readonly Instant[], open: readonly OpenRun[]) {
  const { births, skipped, cancels } = overlapping(dues, { policy, maxQueued: 2 }, open);
  return { births, skipped: skipped.map(({ dueAt }) => dueAt), cancels: cancels.map(String) };
}

describe("the overlap policy", () => {
  test("skip makes one run where none is open, and none beside one", () => {
    expect(of("skip", [A, B], [])).toEqual({ births: [A], skipped: [B], cancels: [] });
    expect(of("skip", [A], [running])).toEqual({ births: [], skipped: [A], cancels: [] });
  });

  test("allow makes them all", () => {
    expect(of("allow", DUES, [running])).toEqual({ births: DUES, skipped: [], cancels: [] });
  });

  test("queue-all lets as many wait as it may", () => {
    expect(of("queue-all", DUES, [])).toEqual({ births: DUES, skipped: [], cancels: [] });
    expect(of("queue-all", DUES, [running])).toEqual({ births: [A, B], skipped: [C], cancels: [] });
    expect(of("queue-all", DUES, [running, waiting])).toEqual({
      births: [A],
      skipped: [B, C],
      cancels: [],
    });
  });

  test("queue-one lets the latest wait, in the place of the one that did", () => {
    expect(of("queue-one", DUES, [])).toEqual({ births: [A, C], skipped: [B], cancels: [] });
    expect(of("queue-one", [A], [running])).toEqual({ births: [A], skipped: [], cancels: [] });
    expect(of("queue-one", [A, B], [running, waiting])).toEqual({
      births: [B],
      skipped: [A],
      cancels: ["waiting"],
    });
  });

  test("cancel-running makes everybody make way for the latest", () => {
    expect(of("cancel-running", [A, B], [running, waiting])).toEqual({
      births: [B],
      skipped: [A],
      cancels: ["running", "waiting"],
    });
    expect(of("cancel-running", [], [running]).cancels).toEqual([]);
  });

  test("decides about every due time exactly once, whatever is open", () => {
    const opens = fc.array(fc.constantFrom(running, waiting), { maxLength: 5 });
    const dues = fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(...OVERLAP_POLICIES), dues, opens, (policy, times, open) => {
        const sorted = times.sort((a, b) => a - b).map(instant);
        const { births, skipped, cancels } = of(policy, sorted, open);
        expect([...births, ...skipped].sort((a, b) => a - b)).toEqual(sorted);
        const ids = open.map(({ id }) => String(id));
        expect(cancels.every((id) => ids.includes(id))).toBe(true);
      }),
    );
  });
});
