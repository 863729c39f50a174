import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import type { State } from "../../src/domain/state.ts";
import { createApp } from "../../src/http/app.ts";
import { memoryAccess, memoryTokens } from "./support/memory-access.ts";
import { COMPLETED, memoryDaemon, PAUSED } from "./support/memory-daemon.ts";
import { memoryStoreCare } from "./support/memory-store-care.ts";

interface Row {
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly status: number;
}

const ROW =
  /^\| `(?<route>[A-Z]+ \S+)` +\|.*\| `(?<method>[A-Z]+) (?<path>\S+)(?: (?<body>\{.*\}))?` +\| (?<status>\d+) +\|$/;

const rows: readonly Row[] = (await readFile("docs/http-api.md", "utf8"))
  .split("\n")
  .flatMap((line) => {
    const { route = "", method = "", path = "", body, status } = ROW.exec(line)?.groups ?? {};
    return route === "" ? [] : [{ route, method, path, body, status: Number(status) }];
  });

/** The state that a run must be in before what an example asks for can be done. */
const BEFORE: Readonly<Record<string, State>> = { retry: COMPLETED, resume: PAUSED };

async function appWithRun(path: string) {
  const daemon = memoryDaemon();
  await daemon.api.commands.trigger({ flow: "backup" });
  const block = { type: "string", name: "greeting", value: "hi", overwrite: true } as const;
  await daemon.api.blocks.save(block);
  const before = BEFORE[path.split("/").at(-1) ?? ""];
  if (before !== undefined) daemon.move(daemon.runs[0]?.id ?? "", before);
  return createApp({ ...daemon.api, storeCare: memoryStoreCare(), ...accessFor(path) });
}

/** Where tokens are asked about there is one, and programs on this machine need none. */
function accessFor(path: string) {
  if (!/^\/api\/(?:login|tokens)/.test(path)) return {};
  const tokens = memoryTokens({ name: "page", scope: "read" });
  return { access: memoryAccess({ tokens, loopback: "open" }) };
}

const HERE = { peer: "127.0.0.1" };

describe("docs/http-api.md", () => {
  test("names the routes that exist, and no others", () => {
    const exist = createApp({ ...memoryDaemon().api, storeCare: memoryStoreCare() })
      .routes.filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);

    expect(rows.map(({ route }) => route).toSorted()).toEqual([...new Set(exist)].toSorted());
  });

  test.each(rows)(
    "$method $path is answered as it says",
    async ({ method, path, body, status }) => {
      const app = await appWithRun(path);

      const init = {
        method,
        headers: { "content-type": "application/json" },
        ...(body === undefined ? {} : { body }),
      };
      const answer = await app.request(path, init, HERE);

      expect(answer.status).toBe(status);
    },
  );

  test.each(rows)("the example of $route is one of that route", ({ route, method, path }) => {
    const pattern = route.replace(/\{\w+\}/g, "[^/]+");

    expect(`${method} ${path.replace(/\?.*/, "")}`).toMatch(new RegExp(`^${pattern}$`));
  });
});
