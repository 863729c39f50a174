import { expect, test } from "bun:test";
import type { Json } from "../../src/domain/json.ts";
import {
  API_DOCUMENT,
  API_OPERATIONS,
  faultsOf,
  operationNamed,
  type ReadAnswer,
} from "../support/api-document.ts";
import { type ApiScene, anApiScene, SECRET } from "../support/api-scene.ts";

const STORY_MS = 120_000;

interface Asked {
  readonly places?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks by the names of the document, and remembers what was asked and what was not as it says. */
function asker(url: string) {
  const asked = new Set<string>();
  const statuses = new Set<string>();
  const faults: string[] = [];
  let token: string | undefined;
  const ask = async (id: string, { places = {}, query = "", body, headers }: Asked = {}) => {
    const operation = operationNamed(id);
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(places[name] ?? "nothing"),
    );
    const response = await fetch(url + path + query, {
      method: operation.method,
      headers: {
        ...(operation.method === "GET" ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    const answer = await readAnswer(response);
    asked.add(id);
    statuses.add(`${id} ${answer.status}`);
    faults.push(...faultsOf(operation, answer));
    return answer;
  };
  return {
    ...{ ask, asked, statuses, faults },
    useToken: (text: string | undefined) => {
      token = text;
    },
  };
}

type Asking = ReturnType<typeof asker>;

async function readAnswer(response: Response): Promise<ReadAnswer> {
  const { status, headers } = response;
  const isStream = headers.get("content-type")?.startsWith("text/event-stream") === true;
  if (!isStream) return { status, headers, text: await response.text() };
  await response.body?.cancel();
  return { status, headers, text: "" };
}

test(
  "every operation of the document is answered by a real daemon as the document says",
  async () => {
    await using there = await anApiScene();
    const asking = asker(there.daemon.url);

    for (const ask of [readEverything, readOnce, change, reload, care, access]) {
      await ask(asking, there);
    }

    const { asked, statuses, faults } = asking;
    expect(faults).toEqual([]);
    expect(API_OPERATIONS.filter(({ id }) => !asked.has(id)).map(({ id }) => id)).toEqual([]);
    const unseen = API_OPERATIONS.filter(
      ({ id, example }) => !statuses.has(`${id} ${example.status}`),
    );
    expect(unseen.map(({ id }) => id)).toEqual([]);
  },
  STORY_MS,
);

/** What is read, of everything that there is. */
async function readEverything(asking: Asking, there: ApiScene): Promise<void> {
  const { ask } = asking;
  const reads = API_OPERATIONS.filter(({ method }) => method === "GET");
  const ids = [...Object.values(there.runs).map(({ id }) => id), "nobody"];
  const flows = ["good", "bad", "busy", "slow", "nobody"];

  for (const { id, path } of reads) {
    const places = [...ids.map((run) => ({ run })), ...flows.map((flow) => ({ flow }))];
    for (const one of places) {
      if (path.includes(`{${Object.keys(one)[0]}}`)) await ask(id, { places: one });
    }
    if (!path.includes("{")) await ask(id);
  }
  await askInDetail(asking, there);
}

async function askInDetail(asking: Asking, there: ApiScene): Promise<void> {
  const { ask } = asking;
  const { runs } = there;
  const run = { run: runs.good.id };

  for (const id of ["getReadyz", "getHealthz"]) await ask(id, { query: "?verbose" });
  await ask("listRuns", { query: "?limit=2" });
  await ask("listRuns", { query: "?limit=none" });
  await ask("listLogs", { places: run, query: "?limit=1" });
  await ask("listDecisions", { query: "?limit=1" });
  await ask("listDeliveries", { query: "?limit=1&status=dead" });
  await ask("listRecentRuns", { query: "?flow=good&flow=bad&flow=slow" });
  await ask("listOutcomes", { query: "?flow=good&flow=busy&since=1h&ahead=120" });
  await ask("streamEvents");
  await ask("streamEvents", { headers: { "Last-Event-ID": "x" } });
  await ask("getDelivery", { places: { delivery: there.dead } });
  await ask("getDelivery", { places: { delivery: "nothing" } });
  await ask("viewDelivery", { places: { delivery: there.dead } });
  expect(JSON.parse((await ask("getOpenApi")).text)).toEqual(API_DOCUMENT);
}

/** What has a tag is not sent twice. */
async function readOnce(asking: Asking, there: ApiScene): Promise<void> {
  const { ask, statuses } = asking;
  const { runs } = there;
  const run = { run: runs.good.id };

  const { headers } = await ask("getRun", { places: run });
  await ask("getRun", { places: run, headers: { "If-None-Match": headers.get("etag") ?? "" } });
  expect(statuses).toContain("getRun 304");
}

/** What changes something, granted and refused. */
async function change(asking: Asking, there: ApiScene): Promise<void> {
  const { ask } = asking;
  const { daemon, runs } = there;
  const run = { run: runs.good.id };
  const flow = { flow: "good" };

  const key = { headers: { "Idempotency-Key": "once" } };
  const wanted = { places: flow, body: { parameters: { n: 2 }, tags: ["x"], priority: 3 } };
  await ask("triggerRun", { ...wanted, ...key });
  await ask("triggerRun", { ...wanted, ...key });
  await ask("triggerRun", { places: flow, body: {}, ...key });
  await ask("triggerRun", { places: { flow: "slow" }, body: {} });
  await ask("triggerRun", { places: { flow: "nobody" }, body: {} });
  await ask("triggerRun", { places: flow, body: { nonsense: 1 } });
  await ask("triggerRun", { places: flow, headers: { "content-type": "text/plain" } });
  await ask("triggerRun", { places: flow, headers: { origin: "https://evil.example" } });
  await ask("triggerRun", { places: flow, body: { parameters: { n: "x".repeat(1_100_000) } } });
  await ask("triggerRuns", { body: { items: [{ flow: "quick" }, { flow: "quick" }] } });
  await ask("triggerRuns", { body: { items: [{ flow: "nobody" }] } });
  await ask("resumeRun", { places: { run: runs.asks.id }, body: { input: { ok: true } } });
  await ask("resumeRun", { places: run, body: {} });
  await ask("cancelRun", { places: { run: runs.slow.id } });
  await ask("cancelRun", { places: run });
  await ask("retryRun", { places: { run: runs.bad.id } });
  await ask("retryRun", { places: { run: "nobody" } });
  await ask("pauseFlow", { places: flow, body: { schedule: "nightly", reason: "calm" } });
  await ask("pauseFlow", { places: flow, body: { schedule: "nonsense" } });
  await ask("getFlow", { places: flow });
  await ask("explainFlow", { places: flow });
  await ask("resumeFlow", { places: flow });
  const range = { from: "2026-01-01T00:00:00Z", to: "2026-01-03T00:00:00Z" };
  await ask("backfillFlow", { places: flow, body: { ...range, dryRun: true } });
  const begun = await ask("backfillFlow", { places: flow, body: range });
  const backfill = { backfill: (JSON.parse(begun.text) as { id: string }).id };
  await ask("backfillFlow", { places: { flow: "quick" }, body: range });
  await ask("getBackfill", { places: backfill });
  await ask("listBackfills");
  await ask("listBackfillDues", { places: backfill, query: "?limit=1" });
  await ask("cancelBackfill", { places: backfill });
  await ask("redeliver", { places: { delivery: there.dead } });
  await ask("redeliver", { places: { delivery: "nothing" } });
  await ask("redeliverMany", { body: { since: "1d", dryRun: true } });
  await ask("redeliverMany", { body: { since: "1d" } });
  await ask("redeliverMany", { body: {} });
  const note = (await daemon.json<{ items: { key: string; name: string }[] }>("/api/hooks")).items;
  for (const { key } of note) await ask("testHook", { places: { hook: key }, body: {} });
  await ask("testHook", { places: { hook: "nobody" }, body: {} });
  const secret = { type: "secret", name: "api" };
  await ask("saveBlock", { places: secret, body: { value: SECRET } });
  await ask("saveBlock", { places: secret, body: { value: SECRET } });
  await ask("saveBlock", {
    places: { type: "json", name: "own" },
    body: { value: [1, { a: null }] },
  });
  expect((await ask("getBlock", { places: secret })).text).not.toContain(SECRET);
  await ask("getBlock", { places: { type: "json", name: "own" } });
  await ask("getBlock", { places: { type: "json", name: "none" } });
  await ask("listBlocks");
  await ask("rekeyBlocks", { body: {} });
  await ask("deleteBlock", { places: secret });
  await ask("deleteBlock", { places: secret });
}

async function reload(asking: Asking, there: ApiScene): Promise<void> {
  const { ask, statuses } = asking;
  const { scene } = there;

  await ask("reloadConfig", { body: {} });
  await scene.write("flows.config.ts", "export default 7;");
  await ask("reloadConfig", { body: {} });
  expect(statuses).toContain("reloadConfig 422");
  await ask("getStatus");
  await ask("getReadyz", { query: "?verbose" });
  await scene.write("flows.config.ts", there.config);
  await ask("reloadConfig", { body: {} });
}

async function care(asking: Asking): Promise<void> {
  const { ask } = asking;

  await ask("getStore");
  await ask("checkStore", { body: {} });
  await ask("backUpStore", { body: {} });
  await ask("pruneStore", { body: { olderThan: "1h", dryRun: true } });
  await ask("pruneStore", { body: { olderThan: "1h" } });
  await ask("pruneStore", { body: {} });
  await ask("vacuumStore", { body: {} });
}

/** From the first token on there is no way without. */
async function access(asking: Asking): Promise<void> {
  const { ask, useToken } = asking;

  const made = await ask("makeToken", { body: { name: "api", scope: "write" } });
  const { token } = JSON.parse(made.text) as { token: string };
  for (const { id, isOpen } of API_OPERATIONS) {
    if (!isOpen) expect((await ask(id)).status).toBe(401);
  }
  useToken(token);
  await ask("makeToken", { body: { name: "api" } });
  await ask("listTokens");
  const cookie = (await ask("login", { body: { token } })).headers.get("set-cookie") ?? "";
  await ask("login", { body: { token: "toc_wrong" } });
  await ask("logout", { headers: { cookie } });
  await ask("revokeToken", { places: { name: "nobody" } });
  await ask("revokeToken", { places: { name: "api" } });
}
