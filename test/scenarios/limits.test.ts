import { expect, test } from "bun:test";
import type { RunView } from "../../src/domain/run-view.ts";
import { configText, untilFile } from "../support/configs.ts";
import { aScene, isOver, type Scene, type TestDaemon } from "../support/daemon.ts";
import { untilQuiet } from "../support/load.ts";
import { until } from "../support/until.ts";

const RUNS = 8;

/** What a run was doing when its daemon was killed. Each is a step at which a slot could leak. */
const KILLED_WHEN: readonly (readonly [
  says: string,
  isSo: (states: readonly string[]) => boolean,
])[] = [
  [
    "the first run has its slot",
    (states) => states.includes("Pending") || states.includes("Running"),
  ],
  [
    "one is running and others wait",
    (states) => states.includes("Running") && states.includes("AwaitingConcurrencySlot"),
  ],
  ["one has given its slot on", (states) => states.includes("Completed")],
  ["two have given it on", (states) => states.filter((state) => state === "Completed").length >= 2],
];

test("kill -9 at each step of a slot leaks none: the others get it, one after the other", async () => {
  await using scene = await aScene(
    configText({
      code: `
          const body = async (_: unknown, { run }: { run: { id: string } }) => {
            appendFileSync("evidence.txt", "begin " + run.id + "\\n");
            await wait(40);
            appendFileSync("evidence.txt", "end " + run.id + "\\n");
          };
          const one = flow({ name: "one", concurrency: 1, overlap: "allow", run: body });
          const tagged = flow({ name: "tagged", tags: ["db"], overlap: "allow", run: body });`,
      flows: ["one", "tagged"],
      options: "limits: { db: 1 }",
    }),
  );

  for (const flow of ["one", "tagged"]) {
    for (const [says, isSo] of KILLED_WHEN) await killWhen(scene, { flow, says, isSo });
  }
}, 120_000);

async function killWhen(
  scene: Scene,
  {
    flow,
    says,
    isSo,
  }: { flow: string; says: string; isSo: (states: readonly string[]) => boolean },
): Promise<void> {
  await scene.write("evidence.txt", "");
  const first = await scene.serve();
  const items = Array.from({ length: RUNS }, () => ({ flow }));
  const answer = await first.post("/api/runs/bulk", { items });
  const ids = (JSON.parse(answer.text) as { items: RunView[] }).items.map(({ id }) => id);
  await until(says, async () => isSo(await namesOf(first, ids)), first);
  await first.kill9();
  expect([flow, says, mostAtOnce(executions(scene)) <= 1]).toEqual([flow, says, true]);
  await scene.write("evidence.txt", "");

  const second = await scene.serve();
  const ends = await Promise.all(ids.map((id) => second.untilRun(id, isOver)));
  expect(await second.stop()).toBe(0);

  const names = ends.map(({ state }) => state.name);
  expect([flow, says, names.filter((name) => name !== "Completed" && name !== "Crashed")]).toEqual([
    flow,
    says,
    [],
  ]);
  // Whoever held the slot died with the daemon; with a limit of one that is one run at the most.
  expect([flow, says, names.filter((name) => name === "Crashed").length <= 1]).toEqual([
    flow,
    says,
    true,
  ]);
  expect([flow, says, mostAtOnce(executions(scene)) <= 1]).toEqual([flow, says, true]);
}

async function namesOf(daemon: TestDaemon, ids: readonly string[]): Promise<readonly string[]> {
  return (await Promise.all(ids.map((id) => daemon.run(id)))).map(({ state }) => state.name);
}

function executions(scene: Scene): readonly string[] {
  return scene
    .read("evidence.txt")
    .split("\n")
    .filter((line) => line !== "");
}

/** How many bodies were in progress at once, by what the bodies themselves wrote down. */
function mostAtOnce(lines: readonly string[]): number {
  let now = 0;
  let most = 0;
  for (const line of lines) {
    now += line.startsWith("begin") ? 1 : -1;
    most = Math.max(most, now);
  }
  return most;
}

test("runs that nothing is known of and that turn out slow hold up no run of a greater priority", async () => {
  await using scene = await aScene(
    configText({
      code: `
          const slow = flow({ name: "slow", overlap: "allow", run: async () => { ${untilFile("go")} } });
          const urgent = flow({ name: "urgent", priority: 100, run: () => {} });`,
      flows: ["slow", "urgent"],
      options: "threads: 2",
    }),
  );
  const daemon = await scene.serve();
  const items = Array.from({ length: 60 }, () => ({ flow: "slow" }));
  await daemon.post("/api/runs/bulk", { items });
  await until(
    "two of them run, and the others wait",
    async () => {
      const { runs } = await daemon.status();
      return runs.RUNNING === 2 && runs.SCHEDULED === 58;
    },
    daemon,
  );

  await daemon.post("/api/flows/urgent/runs", {});
  await scene.write("go", "");
  await untilQuiet(daemon);

  const { items: all } = JSON.parse((await daemon.get("/api/runs?limit=100")).text) as {
    items: RunView[];
  };
  const begun = all.toSorted((a, b) => ((a.startedAt ?? "") < (b.startedAt ?? "") ? -1 : 1));
  expect(begun.findIndex(({ flow }) => flow === "urgent")).toBeLessThanOrEqual(2);
  expect(new Set(all.map(({ state }) => state.name))).toEqual(new Set(["Completed"]));
});
