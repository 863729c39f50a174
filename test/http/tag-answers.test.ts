import { describe, expect, test } from "bun:test";
import { createRedactor } from "../../src/domain/redaction.ts";
import { createApp } from "../../src/http/app.ts";
import { API_OPERATIONS } from "../support/api-document.ts";
import { appForExample, HERE } from "./support/example-app.ts";
import { COMPLETED, memoryDaemon } from "./support/memory-daemon.ts";

function anApp() {
  const daemon = memoryDaemon();
  const app = createApp(daemon.api);
  const get = async (path: string, headers: Readonly<Record<string, string>> = {}) =>
    await app.request(path, { headers });
  return { daemon, get };
}

describe("the tag of an answer", () => {
  test("stays while the answer does, and then there is no body", async () => {
    const { get } = anApp();
    const first = await get("/api/runs");
    const etag = first.headers.get("etag") ?? "";

    const again = await get("/api/runs", { "if-none-match": etag });

    expect([first.status, etag]).toEqual([200, expect.stringMatching(/^"[\w-]{8,}"$/)]);
    expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", etag]);
    expect(again.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  test("changes with the answer", async () => {
    const { daemon, get } = anApp();
    await daemon.api.commands.trigger({ flow: "backup" });
    const before = (await get("/api/runs")).headers.get("etag") ?? "";
    daemon.move(daemon.runs[0]?.id ?? "", COMPLETED);

    const after = await get("/api/runs", { "if-none-match": before });

    expect(after.status).toBe(200);
    expect(after.headers.get("etag")).not.toBe(before);
    expect(await after.text()).toContain("COMPLETED");
  });

  test.each([
    ["in a list", (tag: string) => `"other", ${tag}`],
    ["as a weak one", (tag: string) => `W/${tag}`],
    ["as any", () => "*"],
  ])("is known %s", async (_, header) => {
    const { get } = anApp();
    const etag = (await get("/api/flows")).headers.get("etag") ?? "";

    expect((await get("/api/flows", { "if-none-match": header(etag) })).status).toBe(304);
  });

  test.each(['"other"', "", "W/", "nonsense", '"'])("is not known as %p", async (header) => {
    const { get } = anApp();

    expect((await get("/api/flows", { "if-none-match": header })).status).toBe(200);
  });

  test("is of what is sent, without secrets", async () => {
    const redactor = createRedactor();
    const daemon = memoryDaemon({ redactor });
    const app = createApp(daemon.api);
    await daemon.api.commands.trigger({ flow: "backup", tags: ["a-secret-in-a-tag"] });
    const before = await app.request("/api/runs");

    redactor.learn("secret/tag", "a-secret-in-a-tag");
    const after = await app.request("/api/runs", {
      headers: { "if-none-match": before.headers.get("etag") ?? "" },
    });

    expect(await before.text()).toContain("a-secret-in-a-tag");
    expect([after.status, (await after.text()).includes("a-secret")]).toEqual([200, false]);
  });

  test("is on everything that is JSON and was read, and on nothing else", async () => {
    const tagged: string[] = [];
    for (const { route, example } of API_OPERATIONS) {
      const { method, path, body } = example;
      const init = { method, headers: { "content-type": "application/json" } };
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const answer = await (await appForExample(path)).request(path, { ...init, ...sent }, HERE);
      const isJson = answer.headers.get("content-type") === "application/json";
      if (answer.headers.has("etag") !== (isJson && method === "GET")) tagged.push(route);
      await answer.body?.cancel();
    }

    // The documents for people have one of their own.
    const pages = API_OPERATIONS.filter(({ id }) => id.startsWith("view")).map(
      ({ route }) => route,
    );
    expect(tagged.toSorted()).toEqual(pages.toSorted());
  });

  test("is not on a problem, nor on an answer of more than a MiB", async () => {
    const { daemon, get } = anApp();
    for (let line = 0; line < 300; line += 1) daemon.say("x".repeat(4_000));
    await daemon.api.commands.trigger({ flow: "backup" });

    const long = await get(`/api/runs/${daemon.runs[0]?.id}/logs`);

    expect((await get("/api/runs/nobody")).headers.has("etag")).toBe(false);
    expect([long.status, long.headers.has("etag")]).toEqual([200, false]);
    expect((await long.json()).items).toHaveLength(300);
  });

  test("is on the answer to a HEAD, without a body", async () => {
    const { daemon } = anApp();
    const app = createApp(daemon.api);

    const head = await app.request("/api/flows", { method: "HEAD" });

    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect(head.headers.get("etag")).toBe((await app.request("/api/flows")).headers.get("etag"));
  });
});
