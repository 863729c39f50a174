import { deepEqual, equal, match } from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

// A hook that is tried under Deno: `deno test -A test/deno`.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const CONFIG = `
import { execFileSync, spawn } from "node:child_process";
import { request } from "node:http";
import { defineConfig, flow } from "tocsin";

const touched = (name) => import.meta.dirname + "/" + name;

async function acts({ log }) {
  const answer = await fetch(URL_HERE + "/s3cret?token=s3cret", { method: "POST", body: "hello" });
  log(answer.status, await answer.text());
  log(await new Promise((end) => spawn("touch", [touched("one")]).on("close", end)));
  log(execFileSync("touch", [touched("two")]).length);
  log((await new Deno.Command("touch", { args: [touched("three")] }).output()).code);
}

async function connects() {
  await new Promise((_, fail) => request(URL_HERE).on("error", fail).end());
}

const report = flow({ name: "report", onFailure: [acts, connects], run() {} });
export default defineConfig({ flows: [report] });
`;

test("nothing is sent or started unless --send says so, and what is sent is noted", async () => {
  const requests: string[] = [];
  const receiver = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.setHeader("content-length", "4").end("done");
  });
  await new Promise<void>((listening) => receiver.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const folder = await mkdtemp(join(tmpdir(), "tocsin-deno-"));
  const config = join(folder, "flows.config.ts");
  await writeFile(config, CONFIG.replaceAll("URL_HERE", JSON.stringify(url)));
  try {
    const dry = await tried(config, "acts");
    equal(dry.outcome, "delivered");
    deepEqual(texts(dry), ["200 {}", "0", "0", "0"]);
    deepEqual(
      dry.exchanges.map(({ request }) => request),
      [`POST ${url}`, ...["one", "two", "three"].map((name) => `touch ${join(folder, name)}`)],
    );
    deepEqual([requests, await readdir(folder)], [[], ["flows.config.ts"]]);

    const refused = await tried(config, "connects");
    match(refused.error?.message ?? "", /the hook is only tried|Socket is closed/);
    equal(requests.length, 0);

    const sent = await tried(config, "acts", "--send");
    deepEqual(texts(sent), ["200 done", "0", "0", "0"]);
    deepEqual(
      sent.exchanges.map(({ request, answer }) => [request, answer]),
      [[`POST ${url}`, "200 OK, 4 bytes"]],
    );
    deepEqual(requests, ["POST /s3cret?token=s3cret"]);
    equal((await readdir(folder)).length, 4);
  } finally {
    receiver.close();
    await rm(folder, { recursive: true });
  }
});

/** What this story reads of a trial. */
interface Trial {
  readonly outcome: string;
  readonly error?: { readonly message: string };
  readonly exchanges: readonly { readonly request: string; readonly answer?: string }[];
  readonly log: readonly { readonly text: string }[];
}

const texts = ({ log }: Trial) => log.map(({ text }) => text);

async function tried(config: string, hook: string, ...more: readonly string[]): Promise<Trial> {
  const args = ["hooks", "test", hook, "--config", config, "--json", ...more];
  const child = spawn(denoCommand(), ["run", "-A", "src/main.ts", ...args], { cwd: ROOT });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  await new Promise((ended) => child.once("close", ended));
  if (out === "") throw new Error(`It answered nothing: ${err}`);
  return JSON.parse(out) as Trial;
}

/** This very Deno, which may not be on the PATH. */
function denoCommand(): string {
  return "Deno" in globalThis ? process.execPath : join(dirname(process.execPath), "deno");
}
