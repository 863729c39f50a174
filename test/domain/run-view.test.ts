import { expect, test } from "bun:test";
import { advance } from "../../src/domain/advance.ts";
import { isoOf, later } from "../../src/domain/instant.ts";
import { runView } from "../../src/domain/run-view.ts";
import { aRun, NOON, SIGNALS, STATES } from "./subjects.ts";

const LATER = later(NOON, 60_000);

test("a run that is asked for again has no end until it ends again", () => {
  const failed = aRun({ state: STATES.Failed, startedAt: NOON, endedAt: NOON });
  const waiting = advance(failed, SIGNALS.rerun, LATER).after;
  const pending = advance(waiting, SIGNALS.submit, LATER).after;
  const running = advance(pending, SIGNALS.start, LATER).after;
  const over = advance(running, SIGNALS.succeed, LATER).after;

  const ends = [failed, waiting, pending, running, over].map((run) => runView(run).endedAt);

  expect(running.state.name).toBe("Rerunning");
  expect(ends).toEqual([isoOf(NOON), undefined, undefined, undefined, isoOf(LATER)]);
});
