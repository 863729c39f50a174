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
    daemon.tasks.push(
      aTask("fetch", { result: ["<b>"] }),
      aTask("load", { call: 1, attempt: 3, state: why }),
    );
    const app = createApp(daemon.api);
    const shown = async () =>
      await (await app.request(`http://localhost/runs/${daemon.runs[0]?.id}`)).text();

    const few = await shown();
    for (let call = 0; call < 300; call++) daemon.tasks.push(aTask("extract", { call }));
    const many = await shown();

    expect(few).toContain("<td>1.2s</td>");
    for (const text of [
      "fetch",
      "call 1",
      "3 attempts",
      "&lt;b&gt;full",
      "[&quot;&lt;b&gt;&quot;]",
    ])
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

  test("says of each flow when it is due next, and leads to its latest run", async () => {
    const daemon = memoryDaemon();
    await daemon.api.commands.trigger({ flow: "nightly-report" });
    const app = createApp(daemon.api);

    const text = await (await app.request("http://localhost/")).text();

    const row = (flow: string) => text.match(`<tr><td>${flow}</td>.*?</tr>`)?.[0];
    expect(row("nightly-report")).toContain(`href="/runs/${daemon.runs[0]?.id}"`);
    expect(row("nightly-report")).toContain("2026-01-31 13:00:00.000 UTC");
    expect(row("backup")).toContain("not due");
  });

  test("a child run leads to its parent", async () => {
    const daemon = memoryDaemon();
    await daemon.api.commands.trigger({ flow: "backup" });
    const [run] = daemon.runs;
    if (run === undefined) throw new Error("there is no run");
    daemon.runs[0] = { ...run, parent: run.id, priority: 7 };

    const page = await createApp(daemon.api).request(`http://localhost/runs/${run.id}`);
    const text = await page.text();

    expect(text).toContain(`<th>parent</th><td><a href="/runs/${run.id}">`);
    expect(text).toContain("<th>priority</th><td>7</td>");
  });

  test("of a run that does not exist is a page too, with 404", async () => {
    const { app } = await pageOfFailedRun();

    const answer = await app.request("http://localhost/runs/<b>nobody");

    expect(answer.status).toBe(404);
    expect(answer.headers.get("content-type")).toStartWith("text/html");
    const text = await answer.text();
    expect(text).toContain("Cannot find run &quot;&lt;b&gt;nobody&quot;");
    expect(text).toContain('<a href="/">');
  });
});
