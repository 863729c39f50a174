import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { admitStoreFile, type SelfCommand } from "../../src/store/admit-file.ts";
import { careInChild } from "../../src/store/care-child.ts";
import { temporaryFolder } from "../support/stores.ts";

function aFile(name: string, text = "what it holds does not matter"): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function shell(script: string): SelfCommand {
  return ["/bin/sh", "-c", script];
}

const NO_LIBRARY = "echo 'libm.so.6: cannot open shared object file' >&2; exit 127";

/** How a child ends that has not looked at the store, and how that is told. */
const NEVER_LOOKED: readonly (readonly [string, SelfCommand, RegExp])[] = [
  ["that is not there", ["/nowhere/tocsin"], /could not be started \(.*ENOENT/],
  ["that may not be executed", [aFile("tocsin")], /could not be started \(.*EACCES/],
  ["without a library", shell(NO_LIBRARY), /exit code 127: libm\.so\.6: cannot open shared/],
  ["that is killed", shell("kill -KILL $$"), /was killed \(SIGKILL\); perhaps .* no memory left/],
  ["that is told to stop", shell("kill -TERM $$"), /ended with SIGTERM/],
];

describe("a program", () => {
  test.each(NEVER_LOOKED)("%s says nothing of the store", async (_, self, why) => {
    const path = aFile("state.db");

    const refused = messageOf(() => admitStoreFile(path, self));
    const care = careInChild("check", { self, path });

    expect(refused).toStartWith(`Cannot open store "${path}": it could not be checked: `);
    expect(refused).toMatch(why);
    expect(refused).not.toMatch(/damaged|backup/);
    const told = await care.catch((error: Error) => `${error.name}: ${error.message}`);
    expect(told).toStartWith(`StoreCareRefused: Cannot check store "${path}": `);
    expect(told).toMatch(why);
    expect(told).not.toMatch(/damaged|backup/);
  });

  test.each(["kill -SEGV $$", "kill -BUS $$", "exit 134"])(
    "that falls over what it reads (%s) tells of a damaged store",
    async (script) => {
      const path = aFile("state.db");

      expect(messageOf(() => admitStoreFile(path, shell(script)))).toMatch(
        /it is damaged \(reading it ended a process \(.+\)\); put a backup in its place/,
      );
      expect(careInChild("check", { self: shell(script), path })).rejects.toThrow("it is damaged");
    },
  );
});

function messageOf(act: () => void): string {
  try {
    act();
    return "it was let through";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
