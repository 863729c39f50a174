import { describe, expect, test } from "bun:test";
import { Hono } from "hono";
import { createRedactor } from "../../src/domain/redaction.ts";
import { createApp } from "../../src/http/app.ts";
import { redactAnswers } from "../../src/http/redact-answers.ts";
import { memoryDaemon } from "./support/memory-daemon.ts";

const CANARY = 'tok"en-canary';

function guarded() {
  const redactor = createRedactor();
  redactor.learn("secret/token", CANARY);
  const app = new Hono();
  app.use("*", redactAnswers(redactor));
  return app;
}

describe("answers", () => {
  test("hold no secret, whatever an answer tells of", async () => {
    const redactor = createRedactor();
    redactor.learn("secret/token", CANARY);
    const daemon = memoryDaemon();
    await daemon.api.commands.trigger({ flow: "backup", parameters: { [CANARY]: [CANARY] } });
    const app = createApp({ ...daemon.api, redactor });
    const id = daemon.runs[0]?.id ?? "";

    for (const path of ["/api/runs", `/api/runs/${id}`, "/", `/runs/${id}`]) {
      const answer = await app.request(path);
      const text = await answer.text();
      expect([path, answer.status, text.includes("en-canary")]).toEqual([path, 200, false]);
    }
    const run = await (await app.request(`/api/runs/${id}`)).json();
    expect(run.parameters).toEqual({ "‹redacted›": ["‹redacted›"] });
    expect(run.flow).toBe("backup");
  });

  test("that say what is wrong hold none either", async () => {
    const redactor = createRedactor();
    redactor.learn("secret/token", CANARY);
    const app = createApp({ ...memoryDaemon().api, redactor });

    const answer = await app.request(`/api/runs/${encodeURIComponent(CANARY)}`);

    expect(answer.status).toBe(404);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect((await answer.json()).detail).toBe(
      'Cannot find run "‹redacted›": no run has this id or name',
    );
  });

  test("keep their status and their headers", async () => {
    const app = guarded();
    app.get("/made", (c) =>
      c.json({ message: CANARY }, 201, { location: "/x", "content-length": "27" }),
    );

    const answer = await app.request("/made");

    expect([answer.status, answer.headers.get("location")]).toEqual([201, "/x"]);
    expect(answer.headers.get("content-length")).toBeNull();
    expect(await answer.json()).toEqual({ message: "‹redacted›" });
  });

  test("with nothing in them, or with other things than text, are left alone", async () => {
    const app = guarded();
    app.get("/nothing", (c) => c.body(null, 204));
    app.get("/bytes", (c) =>
      c.body(new TextEncoder().encode(CANARY), 200, { "content-type": "image/png" }),
    );

    expect((await app.request("/nothing")).status).toBe(204);
    expect(await (await app.request("/bytes")).text()).toBe(CANARY);
  });

  test("that are the value of a block are as they were saved", async () => {
    const redactor = createRedactor();
    redactor.learn("secret/token", CANARY);
    const daemon = memoryDaemon();
    await daemon.api.blocks.save({ type: "string", name: "shown", value: CANARY, overwrite: true });
    const app = createApp({ ...daemon.api, redactor });

    expect((await (await app.request("/api/blocks/string/shown")).json()).value).toBe(CANARY);
  });
});
