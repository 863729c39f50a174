import { expect, test } from "bun:test";
import { connect } from "node:net";
import { join } from "node:path";
import { configText } from "../support/configs.ts";
import { aScene, isOver, type Scene, type TestDaemon } from "../support/daemon.ts";
import { readEvents } from "../support/event-stream.ts";
import { until } from "../support/until.ts";

const STORY_MS = 120_000;
const CONFIG = configText({
  code: `
const one = flow({ name: "one", overlap: "allow", run: () => 1 });
const fails = flow({ name: "fails", run: () => { throw new Error("no"); } });`,
  flows: ["one", "fails"],
});
const JSON_TYPE = { "content-type": "application/json" };

async function statusOf(url: string, init: RequestInit = {}): Promise<number> {
  const answer = await fetch(url, { redirect: "manual", ...init });
  await answer.body?.cancel();
  return answer.status;
}

/** The status of a request that no client would send, byte for byte. */
function rawStatus(url: string, lines: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port) });
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("close", () => resolve(Number(text.split(" ")[1])));
    socket.on("error", reject);
    socket.write(`${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`);
  });
}

async function aToken(scene: Scene, args: readonly string[]): Promise<string> {
  const { code, out, err } = await scene.tocsin(["token", "new", ...args]);
  if (code !== 0) throw new Error(err);
  return out.trim();
}

function filesOf(daemon: TestDaemon, folder: string) {
  return async (text: string) => {
    const found: string[] = [];
    for await (const file of new Bun.Glob("**/*").scan({ cwd: folder, dot: true })) {
      if (Buffer.from(await Bun.file(join(folder, file)).bytes()).includes(text)) found.push(file);
    }
    if (daemon.log().includes(text)) found.push("the log");
    return found;
  };
}

test(
  "once there is a token everybody needs one, but for the commands of whoever can read the store",
  async () => {
    await using scene = await aScene(CONFIG);
    const daemon = await scene.serve();
    const { url } = daemon;
    const runs = `${url}/api/runs`;
    const trigger = `${url}/api/flows/one/runs`;
    expect(await statusOf(runs)).toBe(200);

    const reader = await aToken(scene, ["looks"]);
    const writer = await aToken(scene, ["acts", "--scope", "write"]);
    const withToken = (token: string) => ({ ...JSON_TYPE, authorization: `Bearer ${token}` });

    expect(await statusOf(runs)).toBe(401);
    expect(await statusOf(`${url}/metrics`)).toBe(401);
    expect(await statusOf(`${runs}?token=${reader}&access_token=${reader}`)).toBe(401);
    expect(await statusOf(runs, { headers: withToken(reader) })).toBe(200);
    expect(await statusOf(trigger, { method: "POST", headers: withToken(reader) })).toBe(403);
    expect(await statusOf(trigger, { method: "POST", headers: withToken(writer) })).toBe(201);
    expect(await statusOf(`${url}/livez`)).toBe(200);
    expect(await statusOf(`${url}/`)).toBe(200);

    for (const path of [
      "//api/runs",
      "/api//runs",
      "/api%2fruns",
      "/livez/../api/runs",
      "/API/runs",
    ]) {
      const lines = [`GET ${path} HTTP/1.1`, "Host: 127.0.0.1"];
      expect([path, await rawStatus(url, lines)]).toEqual([path, 401]);
    }

    const own = await scene.tocsin(["trigger", "one", "--wait"]);
    const file = await scene.write("../reader.token", `${reader}\n`);
    const elsewhere = { env: { TOCSIN_STORE: join(scene.folder, "no/state.db") } };
    const stranger = await scene.tocsin(["status", "--server", url], elsewhere);
    const guest = await scene.tocsin(["status", "--server", url, "--token-file", file], elsewhere);
    const guestWrite = await scene.tocsin(["trigger", "one", "--server", url], {
      env: { ...elsewhere.env, TOCSIN_TOKEN_FILE: file },
    });
    expect([own.code, stranger.code, guest.code, guestWrite.code]).toEqual([0, 4, 0, 4]);

    expect((await scene.tocsin(["token", "revoke", "looks"])).code).toBe(0);
    expect(await statusOf(runs, { headers: withToken(reader) })).toBe(401);

    const filesWith = filesOf(daemon, scene.folder);
    expect([await filesWith(reader), await filesWith(writer)]).toEqual([[], []]);
    expect(daemon.log()).toContain("token acts asked POST /api/flows/one/runs: 201");
    expect(daemon.log()).toMatch(/cli of \S+ asked DELETE \/api\/tokens\/looks: 204/);
    await daemon.kill9();

    const again = await scene.serve();
    expect(await statusOf(`${again.url}/api/runs`)).toBe(401);
    expect(await statusOf(`${again.url}/api/runs`, { headers: withToken(writer) })).toBe(200);
    expect((await scene.tocsin(["runs", "ls"])).code).toBe(0);
    expect(await again.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "an address that others reach is refused without a token, and then answers nobody without one",
  async () => {
    await using scene = await aScene(CONFIG);

    const refused = await scene.refusal({ args: ["--listen", "0.0.0.0:0"] });
    const token = await aToken(scene, ["first", "--scope", "write"]);
    const daemon = await scene
      .serve({ args: ["--listen", "0.0.0.0:0"] })
      .catch((error) => String(error));

    expect(refused.code).toBe(1);
    expect(refused.err).toContain("needs a token");
    expect(refused.err).toContain("tocsin token new NAME");
    if (typeof daemon === "string") throw new Error(daemon);
    const url = `http://127.0.0.1:${new URL(daemon.url).port}`;
    const host = { host: "192.0.2.7" };
    expect(await statusOf(`${url}/api/runs`)).toBe(401);
    expect(
      await statusOf(`${url}/api/runs`, { headers: { authorization: `Bearer ${token}`, ...host } }),
    ).toBe(200);
    expect(await statusOf(`${url}/livez`, { headers: { host: "rebound.example" } })).toBe(421);
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "a page of another site gets nowhere: by a rebound name, a forged write, or a stream",
  async () => {
    await using scene = await aScene(CONFIG);
    const daemon = await scene.serve();
    const trigger = `${daemon.url}/api/flows/one/runs`;
    const evil = { origin: "https://evil.example" };
    const post = (headers: Record<string, string>, body = "{}") =>
      statusOf(trigger, { method: "POST", headers, body });

    expect(await statusOf(`${daemon.url}/api/runs`, { headers: { host: "evil.example" } })).toBe(
      421,
    );
    expect(
      await statusOf(`${daemon.url}/api/events`, { headers: { host: "evil.example:8627" } }),
    ).toBe(421);
    expect(await statusOf(`${daemon.url}/api/events`, { headers: evil })).toBe(403);
    expect(await post({ ...JSON_TYPE, ...evil })).toBe(403);
    expect(await post({ "content-type": "text/plain", ...evil })).toBe(403);
    expect(await post({ "content-type": "text/plain" })).toBe(415);
    expect(await post({ "content-type": "application/x-www-form-urlencoded" }, "a=b")).toBe(415);
    expect(await statusOf(trigger, { method: "OPTIONS", headers: evil })).toBe(403);
    const preflight = await fetch(trigger, { method: "OPTIONS", headers: evil });
    expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
    expect((await daemon.json<{ items: unknown[] }>("/api/runs")).items).toEqual([]);
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "200 clients follow a burst of runs through a kill -9 and miss nothing",
  async () => {
    await using scene = await aScene(CONFIG);
    const first = await scene.serve();
    const items = Array.from({ length: 100 }, (_, no) => ({
      flow: no % 10 === 0 ? "fails" : "one",
      overlap: "allow",
    }));
    const readers = await Promise.all(
      Array.from({ length: 200 }, async () => readEvents(await fetch(`${first.url}/api/events`))),
    );
    await Promise.all(readers.map((reader) => reader.untilEvent(({ event }) => event === "hello")));

    await first.post("/api/runs/bulk", { items });
    await until("they are told of much", () => readers.every((one) => one.seqs().length > 50), {
      log: first.log,
    });
    await first.kill9();
    await Promise.all(readers.map(({ ended }) => ended));

    const second = await scene.serve();
    const resumed = await Promise.all(
      readers.map(async (reader) =>
        readEvents(
          await fetch(`${second.url}/api/events`, {
            headers: { "last-event-id": reader.lastId() },
          }),
        ),
      ),
    );
    await until(
      "all runs are over",
      async () => {
        const { runs } = await second.status();
        return (runs.COMPLETED ?? 0) + (runs.FAILED ?? 0) + (runs.CRASHED ?? 0) === 100;
      },
      { log: second.log },
    );
    const last = await second.trigger("one");
    await second.untilRun(last.id, isOver);
    const isEnd = ({
      data,
    }: {
      readonly data: { readonly run?: string; readonly state?: { type: string } };
    }) => data.run === last.id && data.state?.type === "COMPLETED";
    await Promise.all(resumed.map((reader) => reader.untilEvent(isEnd)));

    const [one] = resumed;
    const all = [...(readers[0]?.seqs() ?? []), ...(one?.seqs() ?? [])];
    expect(all.length).toBeGreaterThan(300);
    for (const [index, reader] of readers.entries()) {
      expect([...reader.seqs(), ...(resumed[index]?.seqs() ?? [])]).toEqual(all);
    }
    expect(all).toEqual([...new Set(all)].toSorted((a, b) => a - b));
    const told = new Set(
      [...(readers[0]?.events ?? []), ...(one?.events ?? [])].map(({ data }) => data.run),
    );
    expect(told.has(last.id)).toBe(true);
    expect((await second.get("/metrics")).text).toContain("tocsin_event_clients 200");
    for (const reader of resumed) reader.close();
    await until("they are gone", async () =>
      (await second.get("/metrics")).text.includes("tocsin_event_clients 0"),
    );
    expect(await second.stop()).toBe(0);
  },
  STORY_MS,
);
