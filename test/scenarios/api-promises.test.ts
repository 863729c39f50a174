import { expect, test } from "bun:test";
import type { RunView } from "../../src/domain/run-view.ts";
import { configText } from "../support/configs.ts";
import { aScene, isOver, type TestDaemon } from "../support/daemon.ts";
import { until } from "../support/until.ts";

const STORY_MS = 90_000;
const ROWS = 60;
const CONFIG = configText({
  code: `
    const quick = flow({ name: "quick", overlap: "allow", onCompletion: [hook({ name: "note", run: () => {} })], run: (_, { log }) => { log.info("hello"); } });
    const chatty = flow({ name: "chatty", run: async (_, { log, signal }) => { while (!signal.aborted) { log.info("again"); await wait(2); } } });`,
  flows: ["quick", "chatty"],
});

interface Listed {
  readonly items: readonly { readonly id: string; readonly no?: number }[];
  readonly next?: string;
}

async function makeRuns(daemon: TestDaemon, count: number): Promise<readonly string[]> {
  const items = Array.from({ length: count }, () => ({ flow: "quick" }));
  const { status, text } = await daemon.post("/api/runs/bulk", { items });
  expect(status).toBe(201);
  return (JSON.parse(text) as { items: readonly RunView[] }).items.map(({ id }) => id);
}

/** Reads a list page by page as the Link header says, and has something happen between two pages. */
async function walk(daemon: TestDaemon, first: string, between: () => Promise<unknown>) {
  const ids: string[] = [];
  let path: string | undefined = first;
  while (path !== undefined) {
    const answer: Response = await fetch(daemon.url + path);
    expect(answer.status).toBe(200);
    const { items } = (await answer.json()) as Listed;
    ids.push(...items.map(({ id }) => id));
    path = /<([^>]+)>; rel="next"/.exec(answer.headers.get("link") ?? "")?.[1];
    await between();
  }
  return ids;
}

test(
  "a list that is read page by page has each of its rows once, while more arrive",
  async () => {
    await using scene = await aScene(CONFIG);
    const daemon = await scene.serve({ args: ["--no-watch"] });
    const made = await makeRuns(daemon, ROWS);
    for (const id of made) await daemon.untilRun(id, isOver);
    const isTold = async () => (await daemon.status()).deliveries.delivered >= ROWS;
    await until("all are told of", isTold, daemon);
    const told = (await daemon.json<Listed>("/api/deliveries?limit=200")).items.map(({ id }) => id);

    const more = () => makeRuns(daemon, 5);
    const runs = await walk(daemon, "/api/runs?flow=quick&limit=7", more);
    const deliveries = await walk(daemon, "/api/deliveries?limit=7", more);

    expect(runs).toEqual(made.toReversed());
    expect(deliveries.filter((id) => told.includes(id))).toEqual(told);
    expect(new Set(deliveries).size).toBe(deliveries.length);
  },
  STORY_MS,
);

test(
  "log lines that are read page by page while the run writes more are all there, once and in order",
  async () => {
    await using scene = await aScene(CONFIG);
    const daemon = await scene.serve({ args: ["--no-watch"] });
    const { id } = await daemon.trigger("chatty");
    const numbers: number[] = [];
    let after = 0;

    await until(
      "enough lines are read",
      async () => {
        const page = await daemon.json<Listed>(`/api/runs/${id}/logs?after=${after}&limit=20`);
        numbers.push(...page.items.map(({ no = 0 }) => no));
        after = numbers.at(-1) ?? 0;
        return numbers.length >= 200;
      },
      daemon,
    );
    const { items } = await daemon.json<Listed>(`/api/runs/${id}/logs`);

    expect(numbers).toEqual(items.slice(0, numbers.length).map(({ no = 0 }) => no));
    await daemon.post(`/api/runs/${id}/cancel`);
    await daemon.untilRun(id, isOver);
  },
  STORY_MS,
);

test(
  "a key asked for by many at once, and again after the daemon was killed, is one run",
  async () => {
    await using scene = await aScene(CONFIG);
    let daemon = await scene.serve({ args: ["--no-watch"] });
    const ask = async (tags: readonly string[]) => {
      const answer = await fetch(`${daemon.url}/api/flows/quick/runs`, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": "the-same" },
        body: JSON.stringify({ tags }),
      });
      const { id } = (await answer.json()) as { readonly id?: string };
      return { status: answer.status, id, replayed: answer.headers.get("idempotency-replayed") };
    };

    const many = await Promise.all(Array.from({ length: 40 }, () => ask(["one"])));
    await daemon.kill9();
    daemon = await scene.serve({ args: ["--no-watch"] });
    const later = await ask(["one"]);
    const other = await ask(["other"]);

    expect(new Set([...many, later].map(({ id }) => id)).size).toBe(1);
    expect(many.every(({ status }) => status === 201)).toBe(true);
    expect(many.filter(({ replayed }) => replayed === null)).toHaveLength(1);
    expect([later.replayed, other.status]).toEqual(["true", 422]);
    expect((await daemon.json<Listed>("/api/runs?flow=quick")).items).toHaveLength(1);
  },
  STORY_MS,
);
