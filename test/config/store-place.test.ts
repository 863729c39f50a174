import { afterEach, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { resolveSettings } from "../../config/settings.ts";
import { findServerToken } from "../../src/store/server-token.ts";
import { fileOf, isServer, mayBeThere, wholePlace } from "../../src/store/store-place.ts";
import { temporaryFolder } from "../support/stores.ts";

function settle(store: string) {
  return resolveSettings({ flags: {}, env: { TOCSIN_STORE: store }, config: {} });
}

describe("the setting `store`", () => {
  test("is a path, or the address of a server", () => {
    const places = [
      ...["state.db", "/var/lib/tocsin/state.db", "http", "libsql:x"],
      ...["libsql://name.example.org", "https://example.org/db", "http://127.0.0.1:8080"],
    ];

    for (const place of places) {
      expect(settle(place)).toMatchObject({ ok: true, settings: { store: place } });
    }
    expect(settle("libsql://name.example.org/")).toMatchObject({
      settings: { store: "libsql://name.example.org" },
    });
    expect(places.filter(isServer)).toEqual(places.slice(4));
  });

  test("is refused with a secret in it, which is not shown", () => {
    const secrets = [
      "libsql://name.example.org?authToken=hush-hush",
      "https://anna:hush-hush@example.org/db",
      "libsql://name.example.org#hush-hush",
    ];

    const elsewhere = ["mysql://anna:hush-hush@example.org/db", "file:///srv/state.db"];
    for (const place of [...secrets, ...elsewhere, "libsql://", "http://a b"]) {
      const answer = settle(place);
      const [problem] = answer.ok ? [] : answer.problems;
      expect(problem?.message).toContain("without a token in it (TOCSIN_STORE_TOKEN)");
      expect(problem?.message).not.toContain("hush");
    }
  });
});

describe("a server's store on this machine", () => {
  const before = process.env["STATE_DIRECTORY"];
  afterEach(() => {
    if (before === undefined) delete process.env["STATE_DIRECTORY"];
    else process.env["STATE_DIRECTORY"] = before;
  });

  test("has a working copy that is named by it, in the state directory", () => {
    delete process.env["STATE_DIRECTORY"];
    expect(fileOf("libsql://name.example.org")).toBe(
      join(process.cwd(), ".tocsin/name.example.org.copy.db"),
    );
    process.env["STATE_DIRECTORY"] = "/var/lib/tocsin:/other";
    expect(fileOf("http://127.0.0.1:8080/a/b/")).toBe("/var/lib/tocsin/127.0.0.1_8080_a_b.copy.db");
    expect(fileOf("/srv/state.db")).toBe("/srv/state.db");
    expect(wholePlace("state.db")).toBe(join(process.cwd(), "state.db"));
    expect(mayBeThere("libsql://name.example.org")).toBe(true);
    expect(mayBeThere("/nowhere/state.db")).toBe(false);
  });

  test("has its token from environment, named file, credential, or the file beside the copy", () => {
    const [state, credentials] = [temporaryFolder(), temporaryFolder()];
    process.env["STATE_DIRECTORY"] = state;
    const place = "libsql://name.example.org";
    const named = join(credentials, "named");
    const env: Record<string, string> = {};
    expect(findServerToken(place, env)).toBeUndefined();

    writeFileSync(join(state, "store-token"), "beside\n");
    expect(findServerToken(place, env)).toBe("beside");
    env["CREDENTIALS_DIRECTORY"] = credentials;
    expect(findServerToken(place, env)).toBe("beside");
    writeFileSync(join(credentials, "tocsin-store-token"), "credential");
    expect(findServerToken(place, env)).toBe("credential");
    env["TOCSIN_STORE_TOKEN_FILE"] = named;
    expect(() => findServerToken(place, env)).toThrow(`Cannot read the store's token from`);
    writeFileSync(named, "");
    expect(() => findServerToken(place, env)).toThrow("it holds no token");
    writeFileSync(named, "named");
    expect(findServerToken(place, env)).toBe("named");
    env["TOCSIN_STORE_TOKEN"] = " given ";
    expect(findServerToken(place, env)).toBe("given");
  });
});
