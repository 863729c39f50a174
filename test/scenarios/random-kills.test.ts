import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { configText } from "../support/configs.ts";
import { aScene, type Scene } from "../support/daemon.ts";
import { liveAndDie, untilQuiet } from "../support/load.ts";
import { aReceiver, type Receiver } from "../support/receiver.ts";

const KILLS = 20;
/** So many are committed by a thread of their own. */
const RUNS_PER_REQUEST = 50;
/** Up to so long after it is ready, each daemon is killed: before, during and after its first commits. */
const LOAD = { perRequest: RUNS_PER_REQUEST, lifeMsMax: 250 };

test(`${KILLS} random kill -9 under load lose no run and no hook, and repeat no run`, async () => {
  await using receiver = aReceiver();
  await using scene = await aScene();
  await scene.write("flows.config.ts", loadConfig(scene, receiver));
  const acknowledged: string[] = [];

  for (let kill = 0; kill < KILLS; kill += 1) {
    const daemon = await scene.serve({ args: ["--no-watch"] });
    acknowledged.push(...(await liveAndDie(daemon, LOAD)));
  }
  const last = await scene.serve({ args: ["--no-watch"] });
  await untilQuiet(last);
  expect(await last.stop()).toBe(0);

  const ends = endsIn(scene);
  const executions = Map.groupBy(linesOf(scene, "executed.txt"), (line) => line);
  const told = Map.groupBy(receiver.requests, ({ body }) => runIn(body));
  expect(acknowledged.length).toBeGreaterThan(RUNS_PER_REQUEST);
  expect(acknowledged.filter((id) => !ends.has(id))).toEqual([]);
  // A request is all or none, also the one that the kill left without an answer.
  expect(ends.size % RUNS_PER_REQUEST).toBe(0);
  for (const [id, states] of ends) {
    const [state = ""] = states;
    expect([id, states.length, ["COMPLETED", "CRASHED"].includes(state)]).toEqual([id, 1, true]);
    const executed = executions.get(`${id} 1`)?.length ?? 0;
    expect([id, executed <= 1 && (state !== "COMPLETED" || executed === 1)]).toEqual([id, true]);
    const ids = new Set(told.get(id)?.map(({ headers }) => headers.get("webhook-id")));
    expect([id, ids.size]).toEqual([id, 1]);
  }
  expect([...executions.keys()].filter((line) => !line.endsWith(" 1"))).toEqual([]);
}, 120_000);

function loadConfig({ folder }: Scene, { url }: Receiver): string {
  return configText({
    code: `
      const load = flow({
        name: "load",
        overlap: "allow",
        onAnyEnd: webhook({ url: "${url}" }),
        run: async (_, { run }) => {
          appendFileSync("${join(folder, "executed.txt")}", run.id + " " + run.attempt + "\\n");
          await wait(Math.random() * 10);
        },
      });`,
    flows: ["load"],
  });
}

/** The terminal transitions of every run, by run id: read from the file, as nobody serves it any more. */
function endsIn({ folder }: Scene): ReadonlyMap<string, readonly string[]> {
  using database = new Database(join(folder, ".tocsin/state.db"), { readonly: true });
  const rows = database
    .query<{ id: string; type: string }, []>(
      `SELECT r.id, t.type FROM run r LEFT JOIN transition t ON t.run_no = r.no AND t.task_no IS NULL
         AND t.type IN ('COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED')`,
    )
    .all();
  const byRun = Map.groupBy(rows, ({ id }) => id);
  return new Map([...byRun].map(([id, ends]) => [id, ends.map(({ type }) => type)]));
}

function linesOf({ read }: Scene, file: string): readonly string[] {
  return read(file)
    .split("\n")
    .filter((line) => line !== "");
}

function runIn(body: string): string {
  const { data } = JSON.parse(body) as { data: { run: { id: string } } };
  return data.run.id;
}
