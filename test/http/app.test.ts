import { describe, expect, test } from "bun:test";
import { createApp } from "../../src/http/app.ts";
import { createLog } from "../../src/log.ts";
import {
  COMPLETED,
  type MemoryDaemon,
  memoryDaemon,
  PAUSED,
  RUNNING,
} from "./support/memory-daemon.ts";

const JSON_TYPE = { "content-type": "application/json" };

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

function caller(daemon: MemoryDaemon = memoryDaemon()) {
  const app = createApp(daemon.api);
  return async (method: string, path: string, more: RequestInit & { json?: unknown } = {}) => {
    const { json, ...init } = more;
    const body = json === undefined ? init.body : JSON.stringify(json);
    const headers = { ...(method === "GET" ? {} : JSON_TYPE), ...(init.headers as object) };
    const response = await app.request(path, {
      ...init,
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    const answer: Answer = {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    };
    return answer;
  };
}

describe("health", () => {
  test("lives, is ready, and says what is wrong when asked", async () => {
    const call = caller();

    expect((await call("GET", "/livez")).text).toBe("ok");
    expect((await call("GET", "/readyz")).text).toBe("ok");
    expect((await call("GET", "/readyz?verbose")).body.checks[0].name).toBe("config");
  });

  test("answers 503 with the reasons when it is not ready", async () => {
    const checks = [{ name: "store", state: "failed", message: "the disk is full" }] as const;
    const call = caller(memoryDaemon({ readiness: async () => ({ ready: false, checks }) }));

    const answer = await call("GET", "/readyz");

    expect([answer.status, answer.text]).toEqual([503, "not ready\nstore: the disk is full"]);
  });
});

describe("flows", () => {
  test("are listed with schedule, next due time and last run", async () => {
    const call = caller();
    const run = (await call("POST", "/api/flows/nightly-report/runs")).body;

    const { items } = (await call("GET", "/api/flows")).body;

    expect(items[0]).toMatchObject({
      name: "nightly-report",
      schedules: [{ words: "0 * * * * (UTC)" }],
      nextDueAt: "2026-01-31T13:00:00.000Z",
      lastRun: { id: run.id },
    });
    expect(items[1].lastRun).toBeUndefined();
  });

  test("are shown with their limits, and the JSON Schema that a form is made of", async () => {
    const { body } = await caller()("GET", "/api/flows/backup");

    expect(body).toMatchObject({
      concurrency: 2,
      priority: 5,
      isolation: "process",
      parametersSchema: { properties: { day: { type: "string" } } },
    });
  });

  test("a flow that is not there is answered with what was meant", async () => {
    const answer = await caller()("GET", "/api/flows/nightly-reprot");

    expect(answer.status).toBe(404);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.body.detail).toBe(
      'Cannot find flow "nightly-reprot": did you mean "nightly-report"?',
    );
    expect(answer.body.known).toEqual(["nightly-report", "backup"]);
  });

  test("upcoming due times obey n", async () => {
    const { body } = await caller()("GET", "/api/flows/nightly-report/upcoming?n=3");

    expect(body.items).toHaveLength(3);
  });
});

describe("triggering", () => {
  test("creates a run and says where it is", async () => {
    const call = caller();

    const answer = await call("POST", "/api/flows/backup/runs", {
      json: { parameters: { day: "mon" }, tags: ["prod"], at: "2026-02-01T00:00:00+01:00" },
    });

    expect(answer.status).toBe(201);
    expect(answer.headers.get("location")).toBe(`/api/runs/${answer.body.id}`);
    expect(answer.body).toMatchObject({
      flow: "backup",
      parameters: { day: "mon" },
      tags: ["prod"],
      state: { type: "SCHEDULED", dueAt: "2026-01-31T23:00:00.000Z" },
    });
  });

  test("the same key and request give the first run, another request is refused", async () => {
    const call = caller();
    const headers = { "idempotency-key": "k1" };
    const path = "/api/flows/backup/runs";
    const first = await call("POST", path, { headers, json: { parameters: { a: 1 } } });

    const again = await call("POST", path, { headers, json: { parameters: { a: 1 } } });
    const other = await call("POST", path, { headers, json: { parameters: { a: 2 } } });

    expect([again.status, again.body.id]).toEqual([201, first.body.id]);
    expect(other.status).toBe(422);
  });

  test("an overlap names the run that is in the way", async () => {
    const daemon = memoryDaemon();
    const call = caller(daemon);
    const first = (await call("POST", "/api/flows/backup/runs")).body;
    daemon.move(first.id, RUNNING);

    const answer = await call("POST", "/api/flows/backup/runs");

    expect([answer.status, answer.body.blockedBy]).toEqual([409, first.id]);
  });

  test("in bulk creates all or none, and says which could not be", async () => {
    const daemon = memoryDaemon();
    const call = caller(daemon);
    const items = Array.from({ length: 500 }, () => ({ flow: "backup" }));

    const refused = await call("POST", "/api/runs/bulk", {
      json: { items: [{ flow: "backup" }, { flow: "bakcup" }] },
    });
    const created = await call("POST", "/api/runs/bulk", { json: { items } });

    expect([refused.status, refused.body.index, refused.body.nearest]).toEqual([404, 1, "backup"]);
    expect([created.status, created.body.items.length]).toEqual([201, 500]);
    expect(daemon.runs).toHaveLength(500);
  });

  test.each([
    [{ params: {} }, "params", "there is no such field"],
    [{ parameters: [1] }, "parameters", "expected an object"],
    [{ tags: ["a", 5] }, "tags.1", "expected string"],
    [{ at: "tomorrow" }, "at", "expected a time"],
    [{ at: "2027-02-30T00:00:00Z" }, "at", "expected a time"],
    [{ overlap: "sometimes" }, "overlap", "expected"],
    [{ priority: 1.5 }, "priority", "expected a whole number"],
    [{ priority: 1e9 }, "priority", "expected a whole number"],
    [{ priority: "high" }, "priority", "expected number"],
  ])("refuses %j naming the field", async (json, field, reason) => {
    const answer = await caller()("POST", "/api/flows/backup/runs", { json });

    expect([answer.status, answer.body.field]).toEqual([400, field]);
    expect(answer.body.detail).toContain(reason);
  });

  test("hands the priority on, of one run and of many", async () => {
    const daemon = memoryDaemon();
    const call = caller(daemon);

    await call("POST", "/api/flows/backup/runs", { json: { priority: 7 } });
    await call("POST", "/api/runs/bulk", { json: { items: [{ flow: "backup", priority: -1 }] } });

    expect(daemon.runs.map(({ priority }) => priority)).toEqual([7, -1]);
  });

  test("refuses 501 runs in bulk", async () => {
    const items = Array.from({ length: 501 }, () => ({ flow: "backup" }));

    const answer = await caller()("POST", "/api/runs/bulk", { json: { items } });

    expect([answer.status, answer.body.field]).toEqual([400, "items"]);
  });
});

describe("runs", () => {
  test("are listed newest first, page by page, following the Link header", async () => {
    const call = caller();
    await call("POST", "/api/runs/bulk", {
      json: { items: Array.from({ length: 5 }, () => ({ flow: "backup" })) },
    });
    const pages: string[][] = [];
    let path: string | undefined = "/api/runs?flow=backup&limit=2";
    while (path !== undefined) {
      const answer: Answer = await call("GET", path);
      pages.push(answer.body.items.map((run: { name: string }) => run.name));
      path = /<([^>]+)>; rel="next"/.exec(answer.headers.get("link") ?? "")?.[1];
    }

    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(pages.flat()[0]).toBe("brave-otter-5");
  });

  test("are filtered by alternatives and exclusions", async () => {
    const daemon = memoryDaemon();
    const call = caller(daemon);
    const run = (await call("POST", "/api/flows/backup/runs")).body;
    await call("POST", "/api/flows/nightly-report/runs");
    daemon.move(run.id, COMPLETED);

    const count = async (query: string) =>
      (await call("GET", `/api/runs?${query}`)).body.items.length;

    expect(await count("state=completed")).toBe(1);
    expect(await count("state=Completed,Failed")).toBe(1);
    expect(await count("state=!COMPLETED")).toBe(1);
    expect(await count("flow=!backup")).toBe(1);
    expect(await count("since=1h")).toBe(2);
  });

  test.each([
    ["limit=0", "limit"],
    ["limit=201", "limit"],
    ["limit=ten", "limit"],
    ["cursor=x", "cursor"],
    ["state=finished", "state"],
    ["since=yesterday", "since"],
    ["flows=backup", "flows"],
    [`q=${"x".repeat(500)}`, "q"],
  ])("refuse the query %s", async (query, field) => {
    const answer = await caller()("GET", `/api/runs?${query}`);

    expect([answer.status, answer.body.field]).toEqual([400, field]);
  });

  test("are found by id, prefix and name", async () => {
    const daemon = memoryDaemon();
    const call = caller(daemon);
    const run = (await call("POST", "/api/flows/backup/runs")).body;

    expect((await call("GET", `/api/runs/${run.id}`)).body.id).toBe(run.id);
    expect((await call("GET", `/api/runs/${run.name}`)).body.id).toBe(run.id);
    expect((await call("GET", `/api/runs/${run.id.slice(0, 8)}`)).body.id).toBe(run.id);
    await call("POST", "/api/flows/backup/runs");
    expect((await call("GET", `/api/runs/${run.id.slice(0, 8)}`)).status).toBe(409);
    expect((await call("GET", "/api/runs/nobody")).status).toBe(404);
  });

  test("answer their logs after a line", async () => {
    const daemon = memoryDaemon();
    const call = caller(daemon);
    const run = (await call("POST", "/api/flows/backup/runs")).body;
    for (const text of ["one", "two", "three"]) daemon.say(text);

    const first = (await call("GET", `/api/runs/${run.id}/logs?limit=2`)).body;
    const rest = (await call("GET", `/api/runs/${run.id}/logs?after=${first.next}`)).body;

    expect(rest.items.map((line: { text: string }) => line.text)).toEqual(["three"]);
    expect(rest.next).toBeUndefined();
  });

  test("are cancelled with 202, and not after their end", async () => {
    const call = caller();
    const run = (await call("POST", "/api/flows/backup/runs")).body;

    const cancelled = await call("POST", `/api/runs/${run.id}/cancel`);
    const again = await call("POST", `/api/runs/${run.id}/cancel`);

    expect([cancelled.status, cancelled.body.state.type]).toEqual([202, "CANCELLED"]);
    expect([again.status, again.body.state]).toEqual([409, "CANCELLED"]);
  });
});

describe("retrying", () => {
  test("answers 201 with the run and where it is, once it is over", async () => {
    const daemon = memoryDaemon();
    const call = caller(daemon);
    const run = (await call("POST", "/api/flows/backup/runs")).body;

    const early = await call("POST", `/api/runs/${run.id}/retry`);
    daemon.move(run.id, COMPLETED);
    const retried = await call("POST", `/api/runs/${run.id}/retry`);

    expect([early.status, early.body.state]).toEqual([409, "SCHEDULED"]);
    expect(early.body.detail).toBe(
      'Cannot retry run "brave-otter-1": it is not over, but Scheduled',
    );
    expect([retried.status, retried.body.id]).toEqual([201, run.id]);
    expect(retried.body.state.type).toBe("SCHEDULED");
    expect(retried.headers.get("location")).toBe(`/api/runs/${run.id}`);
  });

  test("answers a run without an end, which its flow's last run has not either", async () => {
    const daemon = memoryDaemon();
    const call = caller(daemon);
    const run = (await call("POST", "/api/flows/backup/runs")).body;
    daemon.move(run.id, COMPLETED);
    const over = (await call("GET", `/api/runs/${run.id}`)).body;

    await call("POST", `/api/runs/${run.id}/retry`);

    expect(over.endedAt).toBe("2026-01-31T12:00:00.000Z");
    expect((await call("GET", `/api/runs/${run.id}`)).body).not.toHaveProperty("endedAt");
    expect((await call("GET", "/api/flows/backup")).body.lastRun).not.toHaveProperty("endedAt");
  });

  test("answers 404 when the flow is gone from the config, and to a run that is not there", async () => {
    const daemon = memoryDaemon();
    const call = caller({
      ...daemon,
      api: {
        ...daemon.api,
        commands: { ...daemon.api.commands, rerun: async () => "no-such-flow" },
      },
    });
    const run = (await call("POST", "/api/flows/backup/runs")).body;

    const gone = await call("POST", `/api/runs/${run.id}/retry`);

    expect([gone.status, gone.body.known]).toEqual([404, ["nightly-report", "backup"]]);
    expect((await call("POST", "/api/runs/nobody/retry")).status).toBe(404);
  });
});

describe("resuming", () => {
  test("hands the input on, and answers 409 when the run is not paused", async () => {
    const daemon = memoryDaemon();
    const call = caller(daemon);
    const run = (await call("POST", "/api/flows/backup/runs")).body;
    const path = `/api/runs/${run.id}/resume`;

    const early = await call("POST", path, { json: { input: 1 } });
    daemon.move(run.id, PAUSED);
    const resumed = await call("POST", path, { json: { input: { approved: true } } });

    expect([early.status, early.body.state]).toEqual([409, "SCHEDULED"]);
    expect([resumed.status, resumed.body.state]).toMatchObject([
      202,
      { type: "SCHEDULED", message: 'resumed with {"approved":true}' },
    ]);
  });

  test("takes no input for none, and refuses a field that it does not know", async () => {
    const daemon = memoryDaemon();
    const call = caller(daemon);
    const run = (await call("POST", "/api/flows/backup/runs")).body;
    daemon.move(run.id, PAUSED);

    const wrong = await call("POST", `/api/runs/${run.id}/resume`, { json: { answer: 1 } });
    const resumed = await call("POST", `/api/runs/${run.id}/resume`);

    expect([wrong.status, wrong.body.field]).toEqual([400, "answer"]);
    expect([resumed.status, resumed.body.state.message]).toEqual([202, "resumed with null"]);
  });
});

describe("config reload", () => {
  test("answers the new generation, or the problems", async () => {
    const daemon = memoryDaemon();
    const call = caller(daemon);
    const problems = [{ path: "flows[0].retries", message: "expected a number", at: "f.ts:1:2" }];
    daemon.reloads.push({ type: "refused", problems });

    const refused = await call("POST", "/api/config/reload");
    const accepted = await call("POST", "/api/config/reload");

    expect([refused.status, refused.body.problems]).toEqual([422, problems]);
    expect([accepted.status, accepted.body.generation]).toEqual([200, 1]);
  });
});

describe("blocks", () => {
  test("keep values of secret types to themselves", async () => {
    const call = caller();
    const path = "/api/blocks/slack-webhook/on-call";
    const value = "https://hooks.example.org/T0/secret";

    await call("PUT", path, { json: { value } });
    const shown = await call("GET", path);

    expect(shown.body).toMatchObject({ type: "slack-webhook", name: "on-call", secret: true });
    expect(shown.text).not.toContain("hooks.example.org");
    expect((await call("GET", "/api/blocks")).text).not.toContain("hooks.example.org");
  });

  test("are saved, shown, kept from overwriting, and deleted", async () => {
    const call = caller();
    const path = "/api/blocks/string/job";

    expect((await call("PUT", path, { json: { value: "one" } })).status).toBe(200);
    expect((await call("PUT", path, { json: { value: "two" } })).status).toBe(409);
    expect((await call("PUT", path, { json: { value: "two", overwrite: true } })).status).toBe(200);
    expect((await call("GET", path)).body.value).toBe("two");
    expect((await call("DELETE", path)).status).toBe(204);
    expect((await call("DELETE", path)).status).toBe(404);
  });

  test.each([
    ["/api/blocks/slack-webhook/x", { value: "not an address" }],
    ["/api/blocks/string/x", { value: 5 }],
    ["/api/blocks/string/x", {}],
    ["/api/blocks/nonsense/x", { value: "s3cret" }],
    ["/api/blocks/string/UPPER", { value: "s3cret" }],
    ["/api/blocks/string/a%2Fb", { value: "s3cret" }],
  ])("refuse %s %j without repeating the value", async (path, json) => {
    const answer = await caller()("PUT", path, { json });

    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain("s3cret");
    expect(answer.text).not.toContain("not an address");
  });
});

describe("what a stranger's page could send", () => {
  test.each(["evil.example", "127.0.0.1.evil.example", "localhost.evil:8627", "[::2]", ""])(
    "is refused for host %p",
    async (host) => {
      const answer = await caller()("GET", "/api/status", { headers: { host } });

      expect(answer.status).toBe(421);
    },
  );

  test.each(["localhost:8627", "127.0.0.1:8627", "[::1]:8627", "LOCALHOST", "jobs.example.org"])(
    "is answered for host %p",
    async (host) => {
      const call = caller(memoryDaemon({ hosts: ["jobs.example.org"] }));

      expect((await call("GET", "/api/status", { headers: { host } })).status).toBe(200);
    },
  );

  test.each(["https://evil.example", "null", "http://localhost:1234"])(
    "is refused for a write from origin %p",
    async (origin) => {
      const headers = { host: "localhost:8627", origin };

      const answer = await caller()("POST", "/api/flows/backup/runs", { headers });

      expect(answer.status).toBe(403);
    },
  );

  test("is refused for a write that is not JSON, and answered from our own origin", async () => {
    const call = caller();
    const path = "/api/flows/backup/runs";
    const own = { host: "localhost:8627", origin: "http://localhost:8627" };

    expect((await call("POST", path, { headers: { "content-type": "text/plain" } })).status).toBe(
      415,
    );
    expect((await call("POST", path, { headers: own })).status).toBe(201);
  });

  test("carries the headers of a careful answer, also on problems", async () => {
    const { headers } = await caller()("GET", "/nowhere");

    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("cache-control")).toBe("no-store");
  });
});

describe("hostile values", () => {
  const depth = (n: number) => `{"parameters":{"a":${"[".repeat(n)}${"]".repeat(n)}}}`;

  test.each([
    ["not JSON", "{nope", 400],
    ["an array", "[]", 400],
    ["null", "null", 400],
    ["a deep nest", depth(100), 400],
    ["a very deep nest", depth(200_000), 400],
    ["a lone surrogate and NUL", '{"parameters":{"a":"\\ud800\\u0000"}}', 201],
    ["__proto__", '{"__proto__":{"x":1}}', 400],
    ["__proto__ inside", '{"parameters":{"__proto__":{"x":1}}}', 201],
    ["too much", `{"parameters":{"a":"${"x".repeat(1_100_000)}"}}`, 413],
  ])("%s in a body gives no 500", async (_, body, status) => {
    const answer = await caller()("POST", "/api/flows/backup/runs", { body });

    expect(answer.status).toBe(status);
  });

  test("a streamed body that is too large is refused while it comes", async () => {
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(32));
        if (sent > 20_000_000) controller.close();
      },
    });

    const answer = await caller()("POST", "/api/flows/backup/runs", { body });

    expect(answer.status).toBe(413);
    expect(sent).toBeLessThan(5_000_000);
  });

  test.each([
    "/api/runs/%00",
    "/api/runs/%ff%fe",
    "/api/runs/%",
    `/api/runs/${"x".repeat(5_000)}`,
    "/api/runs/..%2f..%2fetc",
    "/api/flows/%F0%9F%94%94",
    "/api/flows/__proto__",
    "/api/flows/constructor/runs",
    "/api/runs/constructor",
    "/api/runs?flow=%00&tag=%ff",
    "/api/runs?state=constructor",
    "/api/runs?limit=1e3",
    "/api/runs?cursor=99999999999999999999",
    "/api/runs?__proto__=1",
    "/api/blocks/__proto__/constructor",
  ])("%s gives no 500", async (path) => {
    expect((await caller()("GET", path)).status).toBeLessThan(500);
  });

  test("a method that the address does not answer is told which it does", async () => {
    const answer = await caller()("DELETE", "/api/runs/abc/cancel");

    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("an idempotency key that is too long is refused", async () => {
    const headers = { "idempotency-key": "k".repeat(256) };

    expect((await caller()("POST", "/api/flows/backup/runs", { headers })).status).toBe(400);
  });
});

test("a bug is answered as a problem without its stack, and logged with it", async () => {
  const lines: string[] = [];
  const log = createLog({ format: "json", level: "info", write: (line) => lines.push(line) });
  const status = async () => {
    throw new Error("the secret inside");
  };

  const answer = await caller(memoryDaemon({ log, status }))("GET", "/api/status");

  expect(answer.status).toBe(500);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.text).not.toContain("secret");
  expect(lines.join("")).toContain("the secret inside");
});
