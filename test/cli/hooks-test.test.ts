import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { RunView } from "../../src/domain/run-view.ts";
import type { TrialView } from "../../src/domain/trial.ts";
import type { DeliveryView } from "../../src/store/run-history.ts";
import { aReceiver, type Receiver } from "../support/receiver.ts";
import { temporaryFolder } from "../support/stores.ts";
import { until } from "../support/until.ts";

const MAIN = resolve("src/main.ts");
const STORY_MS = 60_000;

const CONFIG = `import { block, blocks, client, defineConfig, flow, task } from "tocsin";
import { slack } from "tocsin/hooks/slack";
import { spawn } from "node:child_process";
const notify = slack({ name: "notify", webhook: block("slack-webhook/on-call"), retry: [] });
async function cleanUp({ run, log }) {
  const child = spawn("touch", [import.meta.dirname + "/touched-" + run.name]);
  log("touch exited with", await new Promise((end) => child.on("close", end)));
  log("token " + await blocks.load("secret/token"));
}
async function saves({ log }) { await blocks.save("string", "kept", "x"); await client.trigger("other"); log("done"); }
function throws() { throw new Error("wrong number"); }
const fails = flow({ name: "fails", tags: ["prod"], onFailure: [notify, cleanUp, throws, saves], run() { throw new Error("no disk"); } });
const other = flow({ name: "other", schedule: { cron: "0 0 1 1 *" }, onFailure: [function throws() {}], onLate: [function late() {}], run() {} });
export default defineConfig({ flows: [fails, other] });
`;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function spawned(args: readonly string[], cwd: string, stdin = "") {
  const { TOCSIN_SERVER: _, ...env } = process.env;
  const program = [process.execPath, MAIN, ...args];
  return Bun.spawn(program, { cwd, env, stdin: new Blob([stdin]), stdout: "pipe", stderr: "pipe" });
}

async function aFolder(config = CONFIG) {
  const folder = temporaryFolder();
  await writeFile(join(folder, "flows.config.ts"), config);
  const call = async (line: string, stdin = ""): Promise<Ended> => {
    const child = spawned(line.split(" "), folder, stdin);
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { out, err, code: await child.exited };
  };
  const has = (name: string) => existsSync(join(folder, name));
  return { folder, call, has };
}

/** The same with the blocks that its hooks load. */
async function aFolderWithBlocks(receiver: Receiver) {
  const folder = await aFolder();
  const address = `${receiver.url}/services/T0/B0/s3cretpath`;
  expect((await folder.call("blocks set slack-webhook/on-call", address)).code).toBe(0);
  expect((await folder.call("blocks set secret/token", "s3crettoken")).code).toBe(0);
  return folder;
}

describe("tocsin hooks test, where no daemon runs", () => {
  test(
    "needs no store: a made-up run, and nothing is made",
    async () => {
      const { call, has } = await aFolder();

      const { code, out, err } = await call("hooks test saves");

      expect([code, err]).toEqual([0, "Nothing was sent or started; with --send it is\n"]);
      expect(out).toContain('told of     a made-up run of flow "fails", Failed');
      expect(out).toContain("→ save block string/kept\n\n→ trigger flow other");
      expect(out).toContain("info   done\n\ndelivered in ");
      expect(has(".tocsin")).toBe(false);
    },
    STORY_MS,
  );

  test(
    "shows what would be sent and started, without secrets, and with --send does it",
    async () => {
      await using receiver = aReceiver();
      const { call, folder, has } = await aFolderWithBlocks(receiver);

      const slack = await call("hooks test notify --json");
      const program = await call("hooks test cleanUp");
      expect(slack.code).toBe(0);
      const trial = JSON.parse(slack.out) as TrialView;
      expect(trial.exchanges[0]).toMatchObject({
        request: `POST ${receiver.url}`,
        detail: expect.stringMatching(
          /made up by tocsin hooks test.*http:\/\/127\.0\.0\.1:8627\/runs\//s,
        ),
      });
      expect(program.out).toContain(`→ touch ${folder}/touched-`);
      expect(program.out).toContain("touch exited with 0\ninfo   token ‹redacted›\n");
      expect(receiver.requests).toEqual([]);
      expect(slack.out + program.out).not.toContain("s3cret");

      const sent = await call("hooks test notify --send");
      receiver.react(() => 500);
      const refused = await call("hooks test notify --send");
      const touched = await call("hooks test cleanUp --send --json");

      expect([sent.code, refused.code, touched.code]).toEqual([0, 1, 0]);
      expect(sent.out).toContain(`→ POST ${receiver.url}\n← 200 OK`);
      expect(refused.out).toContain("← 500 Internal Server Error");
      expect(refused.out).toMatch(/\nfailed in .*\nHookRejection: .*it answered 500/s);
      expect(receiver.requests.map(({ path }) => path)).toEqual(
        Array(2).fill("/services/T0/B0/s3cretpath"),
      );
      expect(sent.out + refused.out + touched.out).not.toContain("s3cret");
      expect(has(`touched-${(JSON.parse(touched.out) as TrialView).run?.name}`)).toBe(true);
    },
    STORY_MS,
  );

  test(
    "says by its exit code what kind of failure it is",
    async () => {
      const { call } = await aFolder();
      const wrong = await aFolder("export default 1;");

      const codes = async (lines: readonly string[]) =>
        Promise.all(lines.map(async (line) => (await call(`hooks test ${line}`)).code));

      expect(await codes(["flow:fails/onFailure/throws", "saves --send", "notify"])).toEqual([
        1, 1, 1,
      ]);
      expect(await codes(["throws", "late --moment onFailure", "late --moment never"])).toEqual([
        2, 2, 2,
      ]);
      expect(await codes(["nobody", "late --run nobody"])).toEqual([3, 3]);
      expect((await wrong.call("hooks test late")).code).toBe(6);
    },
    STORY_MS,
  );
});

describe("tocsin hooks test, where a daemon holds the store", () => {
  test(
    "has the daemon try the hook against a run of its own, which stays as it is",
    async () => {
      await using receiver = aReceiver();
      const { folder, call } = await aFolderWithBlocks(receiver);
      const serving = spawned(["serve", "--no-watch", "--listen", "127.0.0.1:0"], folder);
      try {
        const holder = join(folder, ".tocsin/state.db.holder");
        const url = await until("the daemon listens", () =>
          existsSync(holder)
            ? (JSON.parse(readFileSync(holder, "utf8")) as { url?: string }).url
            : undefined,
        );
        await until("it is ready", async () => (await fetch(`${url}/readyz`)).ok);
        const run = JSON.parse((await call("trigger fails --wait --json")).out) as RunView;
        await receiver.untilReceived(1);
        const deliveries = await until("the other hooks are done", async () => {
          const { items } = await deliveriesOf(`${url}/api/runs/${run.id}/deliveries`);
          return items.every(({ attempts }) => attempts.length > 0) ? items : undefined;
        });

        const tried = await call(`hooks test cleanUp --run ${run.name}`);
        const json = await call(`hooks test notify --run ${run.name} --json`);

        expect([tried.code, json.code]).toEqual([0, 0]);
        expect(tried.err).toContain(`The store is in use by the daemon at ${url}`);
        expect(tried.out).toContain(
          `told of     run "${run.name}" of flow "fails", Failed: no disk`,
        );
        expect(tried.out).toContain("token ‹redacted›");
        expect(JSON.parse(json.out)).toMatchObject({ madeUp: "nothing", run: { id: run.id } });
        expect(tried.out + json.out).not.toContain("s3cret");
        expect(receiver.requests).toHaveLength(1);
        const after = await deliveriesOf(`${url}/api/runs/${run.id}/deliveries`);
        expect(after.items).toHaveLength(deliveries.length);
        expect((await call(`hooks test throws --run ${run.name}`)).code).toBe(1);
      } finally {
        serving.kill("SIGTERM");
        await serving.exited;
      }
    },
    STORY_MS,
  );
});

async function deliveriesOf(url: string) {
  return (await (await fetch(url)).json()) as { readonly items: readonly DeliveryView[] };
}
