import { describe, expect, test } from "bun:test";
import {
  importsOf,
  listImports,
  listSources,
  MAY_IMPORT,
  roomOf,
  strangersAmong,
} from "./layers.ts";

describe("the rooms of the architecture", () => {
  const rooms = Object.keys(MAY_IMPORT);

  test("every source file is in one", async () => {
    const homeless = (await listSources()).filter((file) => roomOf(file, rooms) === undefined);

    expect(homeless).toEqual([]);
  });

  test("a folder that the table does not know is no room", () => {
    expect(roomOf("src/utils/text.ts", rooms)).toBeUndefined();
    expect(roomOf("src/daemon.ts", rooms)).toBe("src");
  });

  for (const [room, allowed] of Object.entries(MAY_IMPORT)) {
    test(`${room} imports only itself, ${allowed.join(", ")}`, async () => {
      const imports = (await listImports()).filter(({ file }) => roomOf(file, rooms) === room);

      expect(strangersAmong(imports)).toEqual([]);
    });
  }
});

describe("the checker itself", () => {
  const planted = (file: string, source: string) => strangersAmong(importsOf(file, source));

  test("finds a planted type import from the store in the domain", () => {
    const source = 'import type { RunHistory } from "../store/run-history.ts";';

    expect(planted("src/domain/run.ts", source)).toEqual([
      "src/domain/run.ts → src/store/run-history.ts",
    ]);
  });

  const VIOLATIONS: readonly (readonly [file: string, source: string])[] = [
    ["src/domain/ids.ts", 'import { randomUUID } from "node:crypto";'],
    ["src/domain/ids.ts", 'export * from "../sdk/mod.ts";'],
    ["src/domain/ids.ts", 'export type { Pool }\n  from "../threads/pool.ts";'],
    ["src/schedule/cron.ts", 'import {\n  type A,\n  b,\n} from "../store/open.ts";'],
    ["src/sdk/flow.ts", 'const store = await import("../store/open.ts");'],
    ["src/sdk/flow.ts", 'import "../engine/tick.ts";'],
    ["hooks/slack.ts", 'import { errorInfo } from "../src/domain/failure.ts";'],
    ["src/threads/pool.ts", 'import { openStore } from "../store/open.ts";'],
    ["src/threads/pool.ts", 'type Store = import("../store/open.ts").Store;'],
    ["src/http/app.ts", 'import { saveTransition } from "../store/run-store.ts";'],
    ["src/http/app.ts", 'import { tick } from "../engine/tick.ts";'],
    ["src/engine/tick.ts", 'import { pool } from "../threads/pool.ts";'],
    ["src/store/open.ts", "const x = require('hono');"],
    ["src/storefront/open.ts", 'import { x } from "../store/open.ts";'],
    ["src/store/open.ts", 'import { x } from "kysely-plugins";'],
  ];
  for (const [file, source] of VIOLATIONS) {
    test(`refuses, in ${file}, ${JSON.stringify(source)}`, () => {
      expect(planted(file, source)).toHaveLength(1);
    });
  }

  const FINE: readonly (readonly [file: string, source: string])[] = [
    ["src/domain/run.ts", 'import type { State } from "./state.ts";'],
    [
      "src/store/open.ts",
      'import { sql } from "kysely";\nimport { chmod } from "node:fs/promises";',
    ],
    ["src/http/app.ts", 'import type { Commands } from "../engine/commands.ts";'],
    ["hooks/slack.ts", 'import { hook } from "tocsin";'],
    ["src/threads/thread.ts", 'import * as slack from "tocsin/hooks/slack";'],
    ["src/domain/run.ts", '// import { x } from "../store/open.ts";'],
    ["src/domain/run.ts", '/* see\n import { x } from "../store/open.ts"; */'],
  ];
  for (const [file, source] of FINE) {
    test(`lets through, in ${file}, ${JSON.stringify(source)}`, () => {
      expect(planted(file, source)).toEqual([]);
    });
  }
});
