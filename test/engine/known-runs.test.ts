import { describe, expect, test } from "bun:test";
import { advance } from "../../src/domain/advance.ts";
import type { FlowName } from "../../src/domain/ids.ts";
import { createKnownRuns } from "../../src/engine/known-runs.ts";
import { createTrigger } from "../../src/engine/trigger.ts";
import { aFlow, aGeneration } from "../support/manifests.ts";
import { NOON, temporaryStore } from "../support/stores.ts";
import { birthOn } from "./support/birth.ts";

function knowing() {
  const store = temporaryStore();
  const known = createKnownRuns(store);
  const generation = aGeneration([aFlow({ name: "work" as FlowName })]);
  const trigger = createTrigger({
    ...birthOn(store),
    clock: () => NOON,
    newest: () => generation,
    flowNamed: () => generation.manifest.flows[0],
    onBorn: () => {},
  });
  const make = async () => {
    const made = await trigger.one({ flow: "work", overlap: "allow" });
    if (made.type !== "created") throw new Error(made.type);
    return made.run;
  };
  return { store, known, make };
}

describe("runs that wait to be started", () => {
  test("are answered as they were last saved, whether they are remembered or not", async () => {
    const { store, known, make } = knowing();
    const before = await make();
    store.onRunMoved(known.moved);
    const after = await make();

    expect(
      known
        .read([before.id, after.id])
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual([before.id, after.id].toSorted());
    expect(known.read([before.id])).toEqual([before]);
    expect(known.read([after.id])).toEqual([after]);
  });

  test("are forgotten when they are claimed, and read as they are then", async () => {
    const { store, known, make } = knowing();
    store.onRunMoved(known.moved);
    const run = await make();
    const step = advance(run, { type: "submit" }, NOON);
    await store.saveRunStep(step);

    expect(known.read([run.id])).toEqual([step.after]);
  });
});
