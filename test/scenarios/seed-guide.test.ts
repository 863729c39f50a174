import { expect, test } from "bun:test";
import { chmod, cp, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { aScene, isOver, type Scene } from "../support/daemon.ts";
import { aReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

// Prefect's guide "State change hooks", which tocsin began from, with the config that `npm start` serves.

const GUIDE_MS = 60_000;

test(
  "a flow that fails tells Slack once, after its retry, with everything the guide's message has",
  async () => {
    await using slack = aReceiver();
    await using scene = await theSample();
    const daemon = await scene.serve();
    const server = ["--server", daemon.url];
    const set = ["blocks", "set", "slack-webhook/my-slack-webhook", ...server];
    const saved = await scene.tocsin(set, { stdin: `${slack.url}/services/T0/B0\n` });
    expect(saved).toEqual({ code: 0, out: "", err: expect.stringContaining("Saved") });

    const { id, name, createdAt } = await daemon.trigger("failing-flow");
    const run = await daemon.untilRun(id, isOver);
    await until(
      "the delivery is recorded",
      async () => (await daemon.deliveries(id)).every(({ status }) => status === "delivered"),
      { log: daemon.log },
    );

    expect([run.state.name, run.attempt]).toEqual(["Failed", 2]);
    expect(await daemon.states(id)).toEqual([
      "Scheduled",
      "Pending",
      "Running",
      "AwaitingRetry",
      "Pending",
      "Retrying",
      "Failed",
    ]);
    expect(slack.requests.map(({ path }) => path)).toEqual(["/services/T0/B0"]);
    const { text } = JSON.parse(slack.requests[0]?.body ?? "") as { text: string };
    expect(text).toContain(`Run "${name}" of flow "failing-flow" entered Failed`);
    expect(text).toContain("> oops!");
    expect(text).toContain(`<${daemon.url}/runs/${id}|`);
    expect(text).toContain("Tags: guide");
    expect(text).toContain(`Scheduled start: ${createdAt}`);
    expect(await daemon.stop()).toBe(0);
  },
  GUIDE_MS,
);

test(
  "a flow that crashes has its Cloud Run job deleted by gcloud, and its block with it",
  async () => {
    await using scene = await theSample();
    const programs = await stubGcloud(scene);
    const daemon = await scene.serve({ env: { PATH: programs } });

    const { id, name } = await daemon.trigger("crashing-flow");
    const run = await daemon.untilRun(id, isOver);
    const argv = await until("gcloud was called", () => scene.read("gcloud.argv") || undefined, {
      log: daemon.log,
    });
    await until(
      "the hooks are delivered",
      async () => (await daemon.deliveries(id)).every(({ status }) => status === "delivered"),
      { log: daemon.log },
    );

    expect(run.state.type).toBe("CRASHED");
    expect(run.state.message).toContain("my-task-that-crashes");
    expect((await daemon.tasks(id)).map(({ state }) => state.type)).toEqual(["CRASHED"]);
    expect(argv.trim().split("\n")).toEqual([
      ...["run", "jobs", "delete", name, "--region=us-central1", "--quiet"],
    ]);
    expect(await daemon.json<unknown>("/api/blocks")).toEqual({ items: [] });
    expect(await daemon.stop()).toBe(0);
  },
  GUIDE_MS,
);

async function theSample(): Promise<Scene> {
  const scene = await aScene(await readFile("flows.config.ts", "utf8"));
  await cp("hooks/samples", join(scene.folder, "hooks/samples"), { recursive: true });
  return scene;
}

/** A `gcloud` that writes down its arguments, one a line; answers the PATH that finds it first. */
async function stubGcloud({ folder, write }: Scene): Promise<string> {
  const argv = join(folder, "gcloud.argv");
  const script = `#!/bin/sh\nprintf '%s\\n' "$@" > ${argv}.draft && mv ${argv}.draft ${argv}\n`;
  await chmod(await write("programs/gcloud", script), 0o755);
  return `${join(folder, "programs")}${delimiter}${process.env["PATH"]}`;
}
