import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { configText } from "../support/configs.ts";
import { aScene, type Scene } from "../support/daemon.ts";
import { type OfferedBy, offeredByBash, offeredByFish, offeredByZsh } from "../support/shells.ts";
import { until } from "../support/until.ts";

const STORY_MS = 60_000;
const CONFIG = configText({
  code: `const good = flow({ name: "good", run: () => 42 }); const gone = flow({ name: "gone", run: () => 1 });`,
  flows: ["good", "gone"],
});

interface Shell {
  readonly name: string;
  readonly program: string;
  readonly offered: OfferedBy;
  /** What the shell offers for the flow in `--flow=go`: bash and zsh go on after the =. */
  readonly flow: (name: string) => string;
}

const SHELLS: readonly Shell[] = [
  { name: "bash", program: "/bin/bash", offered: offeredByBash, flow: (name) => name },
  { name: "zsh", program: "/usr/bin/zsh", offered: offeredByZsh, flow: (name) => name },
  {
    name: "fish",
    program: "/usr/bin/fish",
    offered: offeredByFish,
    flow: (name) => `--flow=${name}`,
  },
];

/** Lines that would write a file, were any of them evaluated. */
const HOSTILE = [
  "tocsin trigger $(touch ran)",
  'tocsin trigger "$(touch ran)" ',
  "tocsin trigger `touch ran` ",
  "tocsin trigger (touch ran) ",
  "tocsin runs ls --flow=$(touch ran)",
  "tocsin trigger '; touch ran; ",
  'tocsin check --config "$(touch ran)',
];

describe.each(SHELLS)("$name", ({ program, offered, flow }) => {
  test.skipIf(!existsSync(program))(
    "completes commands, options, files and live names",
    async () => {
      await using scene = await aScene(CONFIG);
      const daemon = await scene.serve();
      const untilOffered = (line: string) =>
        until(`something is offered for "${line}"`, async () => {
          const offers = await offered(scene, line);
          return offers.length > 0 && offers.toSorted();
        });

      expect(await offered(scene, "tocsin trig")).toEqual(["trigger"]);
      expect(await offered(scene, "tocsin db va")).toEqual(["vacuum"]);
      expect(await offered(scene, "tocsin help trig")).toEqual(["trigger"]);
      const helped = await offered(scene, "tocsin help ");
      expect(helped.toSorted()).toEqual(await offeredFirst(scene, offered));
      expect(await offered(scene, "tocsin hooks help te")).toEqual(["test"]);
      expect(await offered(scene, "tocsin runs ls --until")).toEqual(["--until"]);
      expect(await offered(scene, "tocsin runs ls --state TimedO")).toEqual(["TimedOut"]);
      expect(await untilOffered("tocsin trigger ")).toEqual(["gone", "good"]);
      expect(await untilOffered("tocsin runs ls --flow go")).toEqual(["gone", "good"]);
      expect(await untilOffered("tocsin runs ls --flow=go")).toEqual([flow("gone"), flow("good")]);
      // bash is asked for nothing where it completes files by itself.
      const files = program === "/bin/bash" ? [] : ["flows.config.ts"];
      expect(await offered(scene, "tocsin check --config flows.")).toEqual(files);
      expect(await daemon.stop()).toBe(0);
    },
    STORY_MS,
  );

  test.skipIf(!existsSync(program))(
    "runs nothing of the line that is typed",
    async () => {
      await using scene = await aScene(CONFIG);

      for (const line of HOSTILE) {
        await offered(scene, line);
        expect([line, existsSync(join(scene.folder, "ran"))]).toEqual([line, false]);
      }
    },
    STORY_MS,
  );
});

/** The commands that there are, but for the one that says what they do. */
async function offeredFirst(scene: Scene, offered: OfferedBy): Promise<string[]> {
  const offers = await offered(scene, "tocsin ");
  expect(offers.length).toBeGreaterThan(20);
  return offers.filter((name) => name !== "help").toSorted();
}

// There is no PowerShell for Debian among its packages: only what the script says is looked at.
test("PowerShell's script registers a completer, and evaluates nothing", async () => {
  await using scene = await aScene();

  const { code, out } = await scene.tocsin(["complete", "powershell"]);

  expect(code).toBe(0);
  expect(out).toContain("Register-ArgumentCompleter -Native -CommandName tocsin");
  expect(out).not.toMatch(/Invoke-Expression|\biex\b|ScriptBlock\]::Create/i);
});

test.each(["bash", "zsh", "fish"])("the script for %s has no eval in it", async (shell) => {
  await using scene = await aScene();

  expect((await scene.tocsin(["complete", shell])).out).not.toMatch(/\beval\b/);
});

test("a shell that is not known is refused, and those that are known are named", async () => {
  await using scene = await aScene();

  expect(await scene.tocsin(["complete", "ksh"])).toMatchObject({
    code: 2,
    out: "",
    err: expect.stringContaining(
      'Cannot complete for shell "ksh": known are bash, zsh, fish, powershell',
    ),
  });
});
