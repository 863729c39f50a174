import { describe, expect, test } from "bun:test";
import { instant } from "../../src/domain/instant.ts";
import type { StoreCare } from "../../src/domain/store-care.ts";
import { createApp } from "../../src/http/app.ts";
import { createLog } from "../../src/log.ts";
import { readEvents } from "../support/event-stream.ts";
import { memoryAccess, memoryTokens } from "./support/memory-access.ts";
import { memoryDaemon, NOON } from "./support/memory-daemon.ts";

/** What each route needs. A route that is not here fails the test below: say what it needs. */
const POLICIES: Readonly<Record<string, "open" | "read" | "write">> = {
  "GET /": "open",
  "GET /runs": "open",
  "GET /runs/:run": "open",
  "GET /flows/:flow": "open",
  "GET /hooks": "open",
  "GET /deliveries/:delivery": "open",
  "GET /system": "open",
  "GET /livez": "open",
  "GET /readyz": "open",
  "GET /healthz": "open",
  "POST /api/login": "open",
  "POST /api/logout": "open",
  "GET /metrics": "read",
  "GET /docs": "read",
  "GET /openapi.json": "read",
  "GET /api/backfills": "read",
  "GET /api/backfills/:backfill": "read",
  "GET /api/backfills/:backfill/dues": "read",
  "GET /api/blocks": "read",
  "GET /api/blocks/:type/:name": "read",
  "GET /api/config/manifest": "read",
  "GET /api/decisions": "read",
  "GET /api/deliveries": "read",
  "GET /api/deliveries/:delivery": "read",
  "GET /api/events": "read",
  "GET /api/flows": "read",
  "GET /api/flows/:flow": "read",
  "GET /api/flows/:flow/explain": "read",
  "GET /api/flows/:flow/upcoming": "read",
  "GET /api/hooks": "read",
  "GET /api/runs": "read",
  "GET /api/runs/:run": "read",
  "GET /api/runs/:run/deliveries": "read",
  "GET /api/runs/:run/logs": "read",
  "GET /api/runs/:run/tasks": "read",
  "GET /api/runs/:run/transitions": "read",
  "GET /api/outcomes": "read",
  "GET /api/recent-runs": "read",
  "GET /api/status": "read",
  "GET /api/store": "read",
  "GET /api/tokens": "read",
  "GET /api/upcoming": "read",
  "DELETE /api/blocks/:type/:name": "write",
  "DELETE /api/tokens/:name": "write",
  "POST /api/backfills/:backfill/cancel": "write",
  "POST /api/blocks/rekey": "write",
  "POST /api/config/reload": "write",
  "POST /api/deliveries/:delivery/redeliver": "write",
  "POST /api/deliveries/redeliver": "write",
  "POST /api/flows/:flow/backfill": "write",
  "POST /api/flows/:flow/pause": "write",
  "POST /api/flows/:flow/resume": "write",
  "POST /api/flows/:flow/runs": "write",
  "POST /api/hooks/:hook/test": "write",
  "POST /api/runs/:run/cancel": "write",
  "POST /api/runs/:run/resume": "write",
  "POST /api/runs/:run/retry": "write",
  "POST /api/runs/bulk": "write",
  "POST /api/store/backup": "write",
  "POST /api/store/check": "write",
  "POST /api/store/prune": "write",
  "POST /api/store/vacuum": "write",
  "POST /api/tokens": "write",
  "PUT /api/blocks/:type/:name": "write",
};

interface Asking {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly peer?: string;
}

const noStore = () => Promise.reject(new Error("there is no store"));
const NO_STORE: StoreCare = {
  ...{ stats: noStore, check: noStore, copy: noStore, countEnded: noStore, vacuum: noStore },
  async *prune() {},
};

function aGuardedApp(options: Parameters<typeof memoryAccess>[0] = {}) {
  const lines: string[] = [];
  const log = createLog({ format: "json", level: "info", write: (line) => lines.push(line) });
  const tokens = memoryTokens({ name: "looks", scope: "read" }, { name: "acts", scope: "write" });
  const access = memoryAccess({ tokens, ...options });
  const daemon = memoryDaemon({ access, log, storeCare: NO_STORE });
  const app = createApp(daemon.api);
  const ask = async ({ method, path, headers = {}, peer = "203.0.113.9" }: Asking) => {
    const init = { method, headers: { "content-type": "application/json", ...headers } };
    return await app.fetch(new Request(`http://127.0.0.1${path}`, init), { peer });
  };
  return { app, ask, lines, tokens: access.tokens, daemon };
}

const bearer = (name: string) => ({ authorization: `Bearer toc_${name}` });
const routes = aGuardedApp()
  .app.routes.filter(({ method }) => method !== "ALL")
  .map(({ method, path }) => `${method} ${path}`);

/** An address of a route, with names of things that are not there. */
function addressOf(route: string) {
  const [method = "", pattern = ""] = route.split(" ");
  return { method, path: pattern.replace(/:\w+/g, "nobody") };
}

test("every route has a policy, and every policy is of a route", () => {
  expect([...new Set(routes)].toSorted()).toEqual(Object.keys(POLICIES).toSorted());
});

describe("without a token", () => {
  test.each(routes)("%s is answered only if it is open", async (route) => {
    const { ask } = aGuardedApp();

    const answer = await ask(addressOf(route));

    expect(answer.status === 401).toBe(POLICIES[route] !== "open");
    if (answer.status === 401) expect(answer.headers.get("www-authenticate")).toStartWith("Bearer");
    await answer.body?.cancel();
  });

  const closed = routes.filter((route) => POLICIES[route] !== "open");
  const detours: readonly (readonly [string, (path: string) => string])[] = [
    ["with the token in the query", (path) => `${path}?token=toc_acts&access_token=toc_acts`],
    ["with two slashes", (path) => `/${path}`],
    ["with two slashes inside", (path) => path.replace(/\/(?=[^/]*$)/, "//")],
    ["with a slash at the end", (path) => `${path}/`],
    ["with an encoded slash", (path) => path.replace(/(?<=.)\/(?=[^/]*$)/, "%2f")],
    ["with its first letter encoded", (path) => path.replace("/api", "/%61pi")],
    ["by way of an open one", (path) => `/livez/..${path}`],
    ["by an encoded way of an open one", (path) => `/livez/%2e%2e${path}`],
    ["by an encoded slash and dots", (path) => `/livez%2f..${path}`],
    ["by a backslash", (path) => `/livez\\..${path}`],
    ["in upper case", (path) => path.toUpperCase()],
    ["with an open one in the query", (path) => `${path}?/livez`],
    ["with a semicolon", (path) => `${path};/livez`],
    ["with NUL", (path) => `${path}%00`],
  ];
  test.each(detours)("%s nothing is answered either", async (_, detour) => {
    const { ask } = aGuardedApp();
    const passed: string[] = [];

    for (const route of closed) {
      const { method, path } = addressOf(route);
      for (const tried of new Set([method, "GET", "HEAD", "OPTIONS", "TRACE1", "PATCH"])) {
        const answer = await ask({ method: tried, path: detour(path) });
        if (![401, 404].includes(answer.status)) passed.push(`${tried} ${path}: ${answer.status}`);
        await answer.body?.cancel();
      }
    }

    expect(passed).toEqual([]);
  });

  test.each([
    "Bearer",
    "Bearer ",
    "Bearer toc_",
    "Bearer toc_ACTS",
    "Bearer toc_acts x",
    "Basic dG9jX2FjdHM6",
    "toc_acts",
    "Bearer toc_looks, Bearer toc_acts",
    `Bearer ${"x".repeat(10_000)}`,
  ])("%p opens nothing", async (authorization) => {
    const { ask } = aGuardedApp();

    const answer = await ask({ method: "GET", path: "/api/status", headers: { authorization } });

    expect(answer.status).toBe(401);
  });

  test("health says whether, but not what", async () => {
    const { ask } = aGuardedApp();

    expect((await ask({ method: "GET", path: "/readyz" })).status).toBe(200);
    expect((await ask({ method: "GET", path: "/readyz?verbose" })).status).toBe(401);
    expect((await ask({ method: "GET", path: "/healthz?verbose=1" })).status).toBe(401);
  });
});

describe("with a token", () => {
  test.each(routes)("%s is let through by the scope that it needs", async (route) => {
    const { ask } = aGuardedApp();
    const where = addressOf(route);

    const reader = await ask({ ...where, headers: bearer("looks") });
    const writer = await ask({ ...where, headers: bearer("acts") });

    expect(reader.status === 403).toBe(POLICIES[route] === "write");
    expect([401, 403]).not.toContain(writer.status);
    await reader.body?.cancel();
    await writer.body?.cancel();
  });

  test("a reader cannot change anything by any method that there is", async () => {
    const { ask } = aGuardedApp();

    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"]) {
      const headers = bearer("looks");
      const answer = await ask({ method, path: "/api/flows/backup/runs", headers });
      expect([method, answer.status]).toEqual([method, 403]);
    }
  });

  test("that was revoked, nothing more is answered", async () => {
    const { ask, tokens } = aGuardedApp();
    const asking = { method: "GET", path: "/api/status", headers: bearer("looks") };
    const before = await ask(asking);

    await tokens.revoke("looks");

    expect([before.status, (await ask(asking)).status]).toEqual([200, 401]);
  });
});

describe("on this machine", () => {
  const status = { method: "GET", path: "/api/status" };
  const peer = "127.0.0.1";

  test("everybody is let in while there is no token", async () => {
    const { ask } = aGuardedApp({ tokens: memoryTokens() });

    expect((await ask({ ...status, peer })).status).toBe(200);
  });

  test("nobody is let in without one once there is, unless the setting says so", async () => {
    const closed = aGuardedApp();
    const open = aGuardedApp({ loopback: "open" });

    expect((await closed.ask({ ...status, peer })).status).toBe(401);
    expect((await open.ask({ ...status, peer })).status).toBe(200);
    expect((await open.ask({ ...status, peer: "::ffff:127.0.0.1" })).status).toBe(200);
    expect((await open.ask({ ...status, peer: "::1" })).status).toBe(200);
    expect((await open.ask({ ...status, peer: "10.0.0.7" })).status).toBe(401);
    expect((await open.ask({ ...status, peer: "" })).status).toBe(401);
  });

  test("a proxy is not the machine's own", async () => {
    const { ask } = aGuardedApp({ loopback: "open" });

    for (const header of ["x-forwarded-for", "forwarded", "x-real-ip", "via"]) {
      const answer = await ask({ ...status, peer, headers: { [header]: "203.0.113.9" } });
      expect(answer.status).toBe(401);
    }
  });

  test("who may read the daemon's own token is let in, and named", async () => {
    const { ask, lines } = aGuardedApp({ isOwn: (text) => text === "toc_own" });

    const headers = { ...bearer("own"), "tocsin-user": "anna" };
    const answer = await ask({ method: "POST", path: "/api/config/reload", headers });

    expect(answer.status).toBe(200);
    expect(lines.join("")).toContain('"who":"cli of anna"');
  });

  test("a daemon that others reach answers nobody while it has no token", async () => {
    const { ask } = aGuardedApp({ tokens: memoryTokens(), isExposed: true });

    expect((await ask({ ...status, peer })).status).toBe(401);
  });
});

test("who sends many wrong tokens is told to wait, and a right one is still right", async () => {
  let now = NOON;
  const { ask, lines } = aGuardedApp({ clock: () => now });
  const wrong = { method: "GET", path: "/api/status", headers: bearer("nobody") };

  const statuses = await Promise.all(
    Array.from({ length: 12 }, async () => (await ask(wrong)).status),
  );

  expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
  expect((await ask(wrong)).headers.get("retry-after")).toBe("60");
  expect((await ask({ ...wrong, peer: "198.51.100.1" })).status).toBe(401);
  expect((await ask({ ...wrong, headers: bearer("looks") })).status).toBe(200);
  expect(lines.filter((line) => line.includes("Refused a wrong token"))).toHaveLength(11);
  expect(lines.join("")).not.toContain("toc_");
  now = instant(now + 61_000);
  expect((await ask(wrong)).status).toBe(401);
});

describe("the page", () => {
  const login = { method: "POST", path: "/api/login" };
  async function loggedIn(guarded: ReturnType<typeof aGuardedApp>, token: string) {
    const answer = await guarded.app.request("/api/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token }),
    });
    return { answer, cookie: answer.headers.get("set-cookie") ?? "" };
  }

  test("gets for a token a cookie that no script and no other site can use", async () => {
    const guarded = aGuardedApp();

    const { answer, cookie } = await loggedIn(guarded, "toc_looks");
    const headers = { cookie: `a=b; ${cookie.split(";")[0]}` };
    const status = await guarded.ask({ method: "GET", path: "/api/status", headers });
    const write = await guarded.ask({ method: "POST", path: "/api/config/reload", headers });

    expect(answer.status).toBe(204);
    expect(cookie).toMatch(
      /^tocsin_session=[0-9a-f]{64}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict$/,
    );
    expect([status.status, write.status]).toEqual([200, 403]);
  });

  test("keeps it from travelling in the clear where it is reached over https", async () => {
    const { cookie } = await loggedIn(aGuardedApp({ isSecure: true }), "toc_looks");

    expect(cookie).toEndWith("; Secure");
  });

  test("gets none for a wrong token, nor from another origin", async () => {
    const guarded = aGuardedApp();

    const { answer, cookie } = await loggedIn(guarded, "toc_nobody");
    const foreign = await guarded.ask({ ...login, headers: { origin: "https://evil.example" } });

    expect([answer.status, cookie]).toEqual([401, ""]);
    expect(foreign.status).toBe(403);
  });

  test("is shut out when it logs out, when the token is revoked, and after a week", async () => {
    let now = NOON;
    const guarded = aGuardedApp({ clock: () => now });
    const statusFor = async (cookie: string) => {
      const headers = { cookie: cookie.split(";")[0] ?? "" };
      return (await guarded.ask({ method: "GET", path: "/api/status", headers })).status;
    };
    const [one, two, three] = await Promise.all(
      ["toc_looks", "toc_looks", "toc_acts"].map(
        async (token) => (await loggedIn(guarded, token)).cookie,
      ),
    );

    await guarded.ask({
      ...{ method: "POST", path: "/api/logout" },
      headers: { cookie: one?.split(";")[0] ?? "" },
    });
    expect([await statusFor(one ?? ""), await statusFor(two ?? "")]).toEqual([401, 200]);
    await guarded.tokens.revoke("looks");
    expect([await statusFor(two ?? ""), await statusFor(three ?? "")]).toEqual([401, 200]);
    now = instant(now + 8 * 86_400_000);
    expect(await statusFor(three ?? "")).toBe(401);
  });
});

describe("what a page of another site asks a browser for", () => {
  test.each([
    { origin: "https://evil.example" },
    { origin: "http://localhost:3000" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
    { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" },
  ])("is refused, a stream of events too: %j", async (from) => {
    const { ask, daemon } = aGuardedApp({ tokens: memoryTokens() });

    for (const path of ["/api/events", "/api/runs", "/metrics"]) {
      expect((await ask({ method: "GET", path, headers: from })).status).toBe(403);
    }
    expect(daemon.api.feed.clients).toBe(0);
  });

  test("a link is followed, and the page's own requests are answered", async () => {
    const { ask } = aGuardedApp({ tokens: memoryTokens() });
    const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    const own = { "sec-fetch-site": "same-origin", origin: "http://127.0.0.1" };

    expect((await ask({ method: "GET", path: "/", headers: link })).status).toBe(200);
    expect((await ask({ method: "GET", path: "/api/runs", headers: own })).status).toBe(200);
    expect((await ask({ method: "POST", path: "/api/config/reload", headers: link })).status).toBe(
      403,
    );
  });

  test("a daemon that others reach answers for its addresses, and for no strange name", async () => {
    const { ask } = aGuardedApp({ isExposed: true });
    const asking = { method: "GET", path: "/livez" };
    const statusOf = async (host: string) => (await ask({ ...asking, headers: { host } })).status;

    expect(await statusOf("192.0.2.7:8627")).toBe(200);
    expect(await statusOf("[2001:db8::1]:8627")).toBe(200);
    expect(await statusOf("rebound.example:8627")).toBe(421);
    expect(await statusOf("192.0.2.7.rebound.example")).toBe(421);
  });
});

describe("the record of writes", () => {
  test("says who asked for what, granted or refused, and nothing of reads", async () => {
    const { ask, lines } = aGuardedApp();

    await ask({ method: "POST", path: "/api/config/reload?x=1", headers: bearer("acts") });
    await ask({ method: "POST", path: "/api/config/reload", headers: bearer("looks") });
    await ask({ method: "GET", path: "/api/status", headers: bearer("looks") });

    const records = lines.map((line) => JSON.parse(line)).filter(({ audit }) => audit === true);
    expect(records).toMatchObject([
      { who: "token acts", asked: "POST /api/config/reload", status: 200 },
      { who: "token looks", asked: "POST /api/config/reload", status: 403 },
    ]);
  });
});

describe("tokens over HTTP", () => {
  test("are made, shown once, listed without themselves, and revoked", async () => {
    const { app } = aGuardedApp();
    const init = { headers: { "content-type": "application/json", ...bearer("acts") } };
    const make = (body: object) =>
      app.request("/api/tokens", { ...init, method: "POST", body: JSON.stringify(body) });

    const made = await make({ name: "ci", scope: "write" });
    const again = await make({ name: "ci" });
    const listed = await (await app.request("/api/tokens", init)).text();
    const gone = await app.request("/api/tokens/ci", { ...init, method: "DELETE" });
    const none = await app.request("/api/tokens/ci", { ...init, method: "DELETE" });

    expect([made.status, again.status, gone.status, none.status]).toEqual([201, 409, 204, 404]);
    expect(await made.json()).toMatchObject({
      name: "ci",
      createdBy: "token acts",
      token: "toc_ci",
    });
    expect(JSON.parse(listed).items[0]).toEqual({
      ...{ name: "looks", scope: "read", createdBy: "test" },
      createdAt: "2026-01-31T12:00:00.000Z",
    });
    expect(listed).not.toContain("toc_");
  });

  test("end the streams of whoever may listen no longer", async () => {
    const { ask, tokens, daemon } = aGuardedApp({ tokens: memoryTokens() });
    const listen = async (headers = {}) =>
      readEvents(await ask({ method: "GET", path: "/api/events", headers }));
    const before = await listen();
    await before.untilEvent(({ event }) => event === "hello");

    await tokens.make({ name: "acts", scope: "write", createdBy: "test" });
    await tokens.make({ name: "looks", scope: "read", createdBy: "test" });
    const reader = await listen(bearer("looks"));
    await reader.untilEvent(({ event }) => event === "hello");
    await ask({ method: "DELETE", path: "/api/tokens/looks", headers: bearer("acts") });
    await Promise.all([before.ended, reader.ended]);

    expect(reader.events.at(-1)).toMatchObject({ event: "bye", data: { reason: "tokens" } });
    expect(daemon.api.feed.clients).toBe(0);
    expect((await listen(bearer("looks"))).status).toBe(401);
  });

  test.each([
    {},
    { name: "" },
    { name: "a/b" },
    { name: "x".repeat(65) },
    { name: "a", scope: "all" },
  ])("are not made of %j", async (body) => {
    const { app } = aGuardedApp();

    const answer = await app.request("/api/tokens", {
      method: "POST",
      headers: { "content-type": "application/json", ...bearer("acts") },
      body: JSON.stringify(body),
    });

    expect(answer.status).toBe(400);
  });
});
