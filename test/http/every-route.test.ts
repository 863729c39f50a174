import { describe, expect, test } from "bun:test";
import { createApp } from "../../src/http/app.ts";
import { createLog } from "../../src/log.ts";
import { API_OPERATIONS, type ApiOperation, faultsOf } from "../support/api-document.ts";
import { memoryAccess, memoryTokens } from "./support/memory-access.ts";
import { memoryDaemon } from "./support/memory-daemon.ts";
import { memoryStoreCare } from "./support/memory-store-care.ts";

const TOKENS = [{ name: "acts", scope: "write" }] as const;

/** The API of a daemon that others reach, asked by somebody with a token. */
function anApp() {
  const lines: string[] = [];
  const log = createLog({ format: "json", level: "info", write: (line) => lines.push(line) });
  const access = memoryAccess({ tokens: memoryTokens(...TOKENS) });
  const daemon = memoryDaemon({ access, log, storeCare: memoryStoreCare() });
  const app = createApp(daemon.api);
  const ask = async ({ example }: ApiOperation, more: RequestInit = {}) => {
    const { method, path, body } = example;
    await daemon.api.commands.trigger({ flow: "backup" });
    const given = more.headers as Readonly<Record<string, string>> | undefined;
    const answer = await app.request(
      path,
      {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...more,
        headers: {
          "content-type": "application/json",
          authorization: "Bearer toc_acts",
          ...given,
        },
      },
      { peer: "203.0.113.9" },
    );
    const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream") === true;
    if (isStream) await answer.body?.cancel();
    const text = isStream ? "" : await answer.text();
    return { status: answer.status, headers: answer.headers, text };
  };
  const records = () => lines.map((line) => JSON.parse(line)).filter(({ audit }) => audit === true);
  return { ask, records };
}

/** The status of a refusal, and what of it is not as the document says. */
async function refused(operation: ApiOperation, more: RequestInit) {
  const answer = await anApp().ask(operation, more);
  return [answer.status, faultsOf(operation, answer)];
}

const writes = API_OPERATIONS.filter(({ method }) => method !== "GET");
const withBody = writes.filter(({ method }) => method !== "DELETE");

describe("what no route does for a stranger", () => {
  test.each(API_OPERATIONS)("$route answers for no strange host", async (operation) => {
    const headers = { host: "evil.example" };

    expect(await refused(operation, { headers })).toEqual([421, []]);
  });

  test.each(API_OPERATIONS)("$route answers no other origin", async (operation) => {
    for (const origin of ["https://evil.example", "null", "http://localhost:1"]) {
      expect(await refused(operation, { headers: { origin } })).toEqual([403, []]);
    }
  });

  test.each(withBody)("$route takes nothing that a form can send", async (operation) => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", ""]) {
      expect(await refused(operation, { headers: { "content-type": type } })).toEqual([415, []]);
    }
  });

  test.each(withBody)(
    "$route reads no body of more than a MiB, nor one that is no JSON",
    async (operation) => {
      const body = `{"a":"${"x".repeat(1_048_576)}"}`;
      const length = { "content-length": String(body.length) };

      expect(await refused(operation, { body, headers: length })).toEqual([413, []]);
      expect(await refused(operation, { body })).toEqual([413, []]);
      expect(await refused(operation, { body: "{nope" })).toEqual([400, []]);
      expect(await refused(operation, { body: '{"nonsense":1}' })).toEqual([400, []]);
    },
  );
});

test.each(API_OPERATIONS)("$path says which methods it answers", async (operation) => {
  const own = API_OPERATIONS.filter(({ path }) => path === operation.path);
  const methods = own.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method]));

  const { status, headers, text } = await anApp().ask(operation, { method: "PATCH", body: "{}" });

  expect(status).toBe(405);
  expect(headers.get("allow")?.split(", ").toSorted()).toEqual(
    expect.arrayContaining(methods.toSorted()),
  );
  expect(headers.get("content-type")).toBe("application/problem+json");
  expect(JSON.parse(text)).toMatchObject({ status: 405, title: "Method not allowed" });
});

test.each(API_OPERATIONS)("$path says so whatever a body is said to be", async (operation) => {
  for (const method of ["PATCH", "OPTIONS"]) {
    const { status, headers } = await anApp().ask(operation, {
      method,
      headers: { "content-type": "" },
    });

    expect([method, status, headers.get("allow") ?? ""]).toEqual([
      method,
      405,
      expect.stringMatching(/GET|POST|PUT|DELETE/),
    ]);
  }
});

test.each(["/nowhere", "/api", "/api/nothing", "/docs/x", "/openapi.yaml"])(
  "%s is no address, and the answer is a problem",
  async (path) => {
    const [operation] = API_OPERATIONS;
    if (operation === undefined) throw new Error("there is no operation");
    const there = { ...operation, example: { method: "GET", path, status: 404 } };

    const { status, headers } = await anApp().ask(there);
    const form = { method: "POST", headers: { "content-type": "text/plain" } };
    const posted = await anApp().ask(there, form);

    expect([status, headers.get("content-type")]).toEqual([404, "application/problem+json"]);
    expect(posted.status).toBe(404);
  },
);

describe("the record", () => {
  test.each(writes)("of $route says who asked for what, and what came of it", async (operation) => {
    const { ask, records } = anApp();

    const { status } = await ask(operation);

    const { method, path } = operation.example;
    // Who logs in is known by the token that is shown, and not before.
    const isKnown = operation.id !== "login" && operation.id !== "logout";
    if (status === 401) expect(records()).toMatchObject([{ asked: `${method} ${path}` }]);
    else {
      expect(records()).toMatchObject([{ asked: `${method} ${path}`, status }]);
      if (isKnown) expect(records()[0].who).toBe("token acts");
    }
  });

  test("holds no body, and so no secret", async () => {
    const { ask, records } = anApp();
    const save = API_OPERATIONS.find(({ id }) => id === "saveBlock");
    if (save === undefined) throw new Error("there is no operation saveBlock");

    await ask(save, { body: JSON.stringify({ value: "very-secret" }) });

    expect(records()).toHaveLength(1);
    expect(JSON.stringify(records())).not.toContain("very-secret");
  });
});
