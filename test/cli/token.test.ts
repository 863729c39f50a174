import { afterEach, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createApp } from "../../src/http/app.ts";
import { type HttpServer, serveHttp } from "../../src/http/server.ts";
import { memoryAccess, memoryTokens } from "../http/support/memory-access.ts";
import { memoryDaemon } from "../http/support/memory-daemon.ts";
import { temporaryFolder } from "../support/stores.ts";
import { tocsin } from "./support/terminal.ts";

const servers: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

/** A daemon with a token for reading and one for writing, and files that hold them. */
async function guarded() {
  const folder = temporaryFolder();
  const tokens = memoryTokens({ name: "looks", scope: "read" }, { name: "acts", scope: "write" });
  const daemon = memoryDaemon({ access: memoryAccess({ tokens }) });
  const server = await serveHttp(createApp(daemon.api), { hostname: "127.0.0.1", port: 0 });
  servers.push(server);
  const fileWith = (text: string) => {
    const file = join(folder, `file-${text.trim().length}`);
    writeFileSync(file, text);
    return file;
  };
  const call = (line: string, env: Record<string, string> = {}) =>
    tocsin([...line.split(" "), "--server", server.url], { env });
  return { call, fileWith, folder };
}

describe("a daemon that wants a token", () => {
  test("is 4 without one, with a wrong one, and for a write with one that only reads", async () => {
    const { call, fileWith } = await guarded();

    const none = await call("status");
    const wrong = await call(`status --token-file ${fileWith("toc_nobody")}`);
    const reader = await call(`trigger backup --token-file ${fileWith("toc_looks")}`);

    expect([none.code, wrong.code, reader.code]).toEqual([4, 4, 4]);
    expect(none.err).toContain("--token-file");
    expect(reader.err).toContain("token looks may only read");
    expect(wrong.err).not.toContain("toc_nobody");
  });

  test("answers one from a file, which the environment can name", async () => {
    const { call, fileWith } = await guarded();

    expect((await call(`status --token-file ${fileWith("toc_looks\n")}`)).code).toBe(0);
    const env = { TOCSIN_TOKEN_FILE: fileWith("  toc_acts\n") };
    expect((await call("trigger backup", env)).code).toBe(0);
  });

  test.each(["", "two tokens", "toc_ä"])("a file with %j is 2, without its text", async (text) => {
    const { call, fileWith } = await guarded();

    const { code, err } = await call(`status --token-file ${fileWith(text)}`);

    expect(code).toBe(2);
    expect(err).toContain("there is no token in it");
    if (text !== "") expect(err).not.toContain(text);
  });

  test("a file that is not there is 2", async () => {
    const { call, folder } = await guarded();

    const { code, err } = await call(`status --token-file ${join(folder, "none")}`);

    expect([code, err.includes("there is no such file")]).toEqual([2, true]);
  });
});

describe("tocsin token", () => {
  test("makes, lists and revokes tokens of the daemon", async () => {
    const { call, fileWith } = await guarded();
    const env = { TOCSIN_TOKEN_FILE: fileWith("toc_acts") };

    const made = await call("token new ci --scope write", env);
    const again = await call("token new ci", env);
    const listed = await call("token ls", env);
    const revoked = await call("token revoke ci", env);
    const none = await call("token revoke ci", env);

    expect([made.code, made.out]).toEqual([0, "toc_ci\n"]);
    expect(made.err).toContain("shown only this once");
    expect([again.code, listed.code, revoked.code, none.code]).toEqual([1, 0, 0, 3]);
    expect(listed.out).toMatch(/^ci\twrite\t/m);
    expect(listed.out).not.toContain("toc_");
  });

  test("makes them in the store itself where no daemon runs, also before the first start", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "state"));
    const store = join(folder, "state/state.db");
    const call = (...args: string[]) => tocsin(["token", ...args, "--store", store]);

    const made = await call("new", "first", "--json");
    const listed = await call("ls", "--json");
    const revoked = await call("revoke", "first");

    const { name, scope, createdBy, token } = JSON.parse(made.out);
    expect([made.code, name, scope]).toEqual([0, "first", "read"]);
    expect(createdBy).toStartWith("cli of ");
    expect(token).toMatch(/^toc_[\w-]{43}$/);
    expect(JSON.parse(listed.out).items).toHaveLength(1);
    expect(listed.out).not.toContain(token);
    expect(revoked.code).toBe(0);
    expect((await call("ls")).err).toContain("There are no tokens");
  });

  test.each(["a/b", "-x", "a --scope all"])("refuses to make %s", async (line) => {
    const store = join(temporaryFolder(), "state.db");

    const { code } = await tocsin(["token", "new", ...line.split(" "), "--store", store]);

    expect([1, 2]).toContain(code);
  });
});
