import { describe, expect, test } from "bun:test";
import { advance } from "../../src/domain/advance.ts";
import { createApp } from "../../src/http/app.ts";
import { historyOf } from "../../src/store/history-of.ts";
import { aState, aTask } from "../cli/support/task-runs.ts";
import { memoryDaemon } from "../http/support/memory-daemon.ts";
import { aRun, NOON, temporaryStore } from "../support/stores.ts";

async function pageOfFailedRun() {
  const store = temporaryStore();
  const run = aRun(store, { name: "<script>alert(1)</script>", tags: ["<b>"] });
  const submit = advance(run, { type: "submit" }, NOON);
  const error = {
    name: "Error",
    message: "</pre><img src=x>",
    cause: { name: "Cause", message: "deep" },
  };
  const fail = advance(submit.after, { type: "fail", error, message: "</pre><img src=x>" }, NOON);
  await Promise.all(
    [{ before: undefined, after: run }, submit, fail].map((step) => store.saveRunStep(step)),
  );
  store.saveLogLines({
    runNo: run.no,
    attempt: 1,
    lines: [{ at: NOON, level: "info", text: "<i>line</i>" }],
  });
  store.write(() => {});
  const app = createApp(memoryDaemon({ history: historyOf(store.reader) }).api);
  return { app, run };
}

describe("the page", () => {
  test("shows a run with its states, error, causes and log lines, everything escaped", async () => {
    const { app, run } = await pageOfFailedRun();

    const answer = await app.request(`http://localhost/runs/${run.id}`);
    const text = await answer.text();

    expect(answer.status).toBe(200);
    for (const shown of ["Failed", "Pending", "caused by", "deep", "&lt;i&gt;line"])
      expect(text).toContain(shown);
    for (const raw of ["<script>", "<img", "<i>", "<b>"]) expect(text).not.toContain(raw);
  });

  test("lists the run's tasks with state, duration and attempts, the newest of many", async () => {
    const daemon = memoryDaemon();
    await daemon.api.commands.trigger({ flow: "backup" });
    const why = aState("FAILED", { message: "<b>full</b>" });
    daemon.tasks.push(aTask("fetch"), aTask("load", { call: 1, attempt: 3, state: why }));
    const app = createApp(daemon.api);
    const shown = async () =>
      await (await app.request(`http://localhost/runs/${daemon.runs[0]?.id}`)).text();

    const few = await shown();
    for (let call = 0; call < 300; call++) daemon.tasks.push(aTask("extract", { call }));
    const many = await shown();

    expect(few).toContain("<td>1.2s</td>");
    for (const text of ["fetch", "call 1", "3 attempts", "&lt;b&gt;full"])
      expect(few).toContain(text);
    expect(many).toContain("The newest 200 of 302");
    expect(many).not.toContain("fetch");
  });

  test("lists flows and runs, with links that lead to the run", async () => {
    const { app, run } = await pageOfFailedRun();

    const text = await (await app.request("http://localhost/")).text();

    expect(text).toContain(`href="/runs/${run.id}"`);
  });

  test("lets no script run and asks nobody for anything", async () => {
    const { app } = await pageOfFailedRun();

    const policy = (await app.request("http://localhost/")).headers.get("content-security-policy");

    expect(policy).toStartWith("default-src 'none'; style-src 'sha256-");
  });

  test("answers 404 for a run that does not exist", async () => {
    const { app } = await pageOfFailedRun();

    expect((await app.request("http://localhost/runs/nobody")).status).toBe(404);
  });
});
