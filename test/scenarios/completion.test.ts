import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { configText } from "../support/configs.ts";
import { aScene, BINARY, type Scene } from "../support/daemon.ts";
import { until } from "../support/until.ts";

const STORY_MS = 60_000;
const CONFIG = configText({
  code: `const good = flow({ name: "good", run: () => 42 }); const gone = flow({ name: "gone", run: () => 1 });`,
  flows: ["good", "gone"],
});

/** What bash, which has nothing but itself, would offer at the end of a line. */
async function offeredByBash(scene: Scene, line: string) {
  const script = `source <(tocsin complete bash); COMP_LINE='${line}'
    COMP_POINT=\${#COMP_LINE}; _tocsin; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const path = `${dirname(BINARY)}:/usr/bin:/bin`;
  const { code, out, err } = await scene.tocsin(["--norc", "-c", script], {
    binary: "/bin/bash",
    env: { PATH: path },
  });
  expect([code, err]).toEqual([0, ""]);
  return out.trim().split("\n");
}

test.skipIf(!existsSync("/bin/bash"))(
  "bash completes commands, options and live names by itself, and runs nothing of the line",
  async () => {
    await using scene = await aScene(CONFIG);
    const daemon = await scene.serve();
    const untilOffered = async (line: string) =>
      await until(`bash offers something for "${line}"`, async () => {
        const offers = await offeredByBash(scene, line);
        return offers[0] !== "" && offers;
      });

    expect(await offeredByBash(scene, "tocsin trig")).toEqual(["trigger"]);
    expect(await offeredByBash(scene, "tocsin db va")).toEqual(["vacuum"]);
    expect(await offeredByBash(scene, "tocsin runs ls --until")).toEqual(["--until"]);
    expect(await untilOffered("tocsin trigger ")).toEqual(["good", "gone"]);
    expect(await untilOffered("tocsin runs ls --flow go")).toEqual(["good", "gone"]);
    expect(await offeredByBash(scene, "tocsin trigger $(touch ran)")).toEqual([""]);
    expect(existsSync(join(scene.folder, "ran"))).toBe(false);
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);
