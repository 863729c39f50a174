import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { createRedactor } from "../../src/domain/redaction.ts";
import { createApp } from "../../src/http/app.ts";
import { memoryDaemon } from "../http/support/memory-daemon.ts";

const VIEWS = ["/", "/runs", "/runs/any", "/flows/any", "/hooks", "/deliveries/any", "/system"];

function ask(path: string, headers: Record<string, string> = {}) {
  return createApp(memoryDaemon().api).request(`http://localhost${path}`, { headers });
}

function hashOf(text: string | undefined): string {
  return createHash("sha256")
    .update(text ?? "")
    .digest("base64");
}

describe("the page", () => {
  test.each(VIEWS)("is the same document at %s", async (path) => {
    const answer = await ask(path);

    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await answer.text()).toBe(await (await ask("/")).text());
  });

  test("lets its own script and style run, talks to its own daemon, and to nobody else", async () => {
    const answer = await ask("/");
    const policy = answer.headers.get("content-security-policy") ?? "";
    const text = await answer.text();

    expect(policy).toStartWith("default-src 'none'; ");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    const script = /<script type="module">([\s\S]*?)<\/script>/.exec(text)?.[1];
    const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1];
    expect(policy).toContain(`script-src 'sha256-${hashOf(script)}'`);
    expect(policy).toContain(`style-src 'sha256-${hashOf(style)}'`);
    expect(text.match(/<script|<style/g)).toHaveLength(2);
  });

  test("names no address of others", async () => {
    const text = await (await ask("/")).text();

    const addresses = new Set(text.match(/https?:\/\/[\w.-]+/g));

    expect([...addresses].filter((address) => !/w3\.org|example\.org/.test(address))).toEqual([]);
  });

  test("is sent gzipped to who takes that, and not again to who has it", async () => {
    const plain = await ask("/");
    const zipped = await ask("/", { "accept-encoding": "br, gzip" });
    const known = await ask("/", { "if-none-match": plain.headers.get("etag") ?? "" });

    expect(zipped.headers.get("content-encoding")).toBe("gzip");
    const text = gunzipSync(await zipped.arrayBuffer()).toString();
    expect(text).toBe(await plain.text());
    expect(known.status).toBe(304);
    expect(await known.text()).toBe("");
  });

  test("stays whole where a secret is a word that is in it", async () => {
    const redactor = createRedactor();
    redactor.learn("string/secret", "none");
    const app = createApp(memoryDaemon({ redactor }).api);

    const text = await (await app.request("http://localhost/")).text();

    expect(text).toBe(await (await ask("/")).text());
  });
});
