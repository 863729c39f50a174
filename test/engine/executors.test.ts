import { expect, test } from "bun:test";
import type { Executor, Offer } from "../../src/domain/executor.ts";
import type { FlowName, RunId } from "../../src/domain/ids.ts";
import { isolationsIn, routeExecutors } from "../../src/engine/executors.ts";
import { aFlow, aGeneration } from "../support/manifests.ts";

const ISOLATED = aFlow({ name: "isolated" as FlowName, isolation: "process" });
const GENERATION = aGeneration([aFlow({ name: "plain" as FlowName }), ISOLATED]);

/** An executor with room for so many runs, which never end. */
function withRoom(name: string, room: number) {
  const taken: RunId[] = [];
  const executor: Executor = {
    name,
    can: { hardKill: true, memoryLimit: name === "processes", survivesControl: false },
    offer(offers) {
      const left = offers.slice(Math.max(0, room - taken.length));
      for (const { runId } of offers.slice(0, offers.length - left.length)) taken.push(runId);
      return { left, full: left.length > 0 };
    },
    cancel() {},
    warm() {},
    health: () => ({ threads: room, busy: taken.length, stuck: 0 }),
    held: () => taken,
    stop: async () => void taken.splice(0),
  };
  return executor;
}

function routed(threads: number, processes: number): Executor {
  const [one, other] = [withRoom("threads", threads), withRoom("processes", processes)];
  return routeExecutors(one, other, isolationsIn(() => GENERATION, { warn() {} }).of);
}

function offersOf(text: string): readonly Offer[] {
  return [...text].map((letter, index) => ({
    runId: `${letter}${index}` as RunId,
    flow: (letter === "P" ? "isolated" : "plain") as FlowName,
  }));
}

const idsOf = (offers: readonly Offer[]) => offers.map(({ runId }) => String(runId));

test("each run goes to the executor that its flow asks for", async () => {
  const executor = routed(2, 1);

  expect(executor.offer(offersOf("TPT"))).toEqual({ left: [], full: false });
  expect(executor.held()).toEqual(["T0", "T2", "P1"] as RunId[]);
  expect(executor.health()).toEqual({ threads: 3, busy: 3, stuck: 0 });
  expect(executor.can).toEqual({ hardKill: true, memoryLimit: true, survivesControl: false });
  await executor.stop(0);
  expect(executor.held()).toEqual([]);
});

test("runs that wait for a process are passed over, and left in their order", () => {
  const executor = routed(3, 1);
  const { left, full } = executor.offer(offersOf("PPTPT"));

  expect([idsOf(left), full]).toEqual([["P1", "P3"], false]);
});

test("without room for threads nothing is looked for behind those that are left", () => {
  const { left, full } = routed(1, 1).offer(offersOf("TTPPT"));

  expect([idsOf(left), full]).toEqual([["T1", "P3", "T4"], true]);
});

test("a flow whose thread got stuck has a process of its own until the next config, and one line says so", () => {
  const lines: string[] = [];
  let generation = GENERATION;
  const log = { warn: (message: string) => void lines.push(message) };
  const isolations = isolationsIn(() => generation, log);

  isolations.stuck("plain", GENERATION.number - 1);
  expect(isolations.of("plain")).toBe("thread");

  for (const flow of ["plain", "plain", "isolated"]) isolations.stuck(flow, GENERATION.number);
  expect([isolations.of("plain"), isolations.of("other")]).toEqual(["process", "thread"]);
  expect(lines).toEqual([
    expect.stringMatching(/"plain".*processes.*could not be terminated.*isolation: "process"/),
  ]);

  generation = { ...GENERATION, number: GENERATION.number + 1 };
  expect(isolations.of("plain")).toBe("thread");
  expect(isolations.of("isolated")).toBe("process");
});
