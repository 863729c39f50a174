import { expect, test } from "bun:test";
import { configText } from "../support/configs.ts";
import { aScene, isOver, type TestDaemon } from "../support/daemon.ts";
import { aReceiver } from "../support/receiver.ts";

const STORY_MS = 60_000;
const LIB = `interface Shape {
  readonly side: number;
}
type Maybe = Shape | undefined;

export function fails(shape?: Maybe): never {
  throw new Error("on line 7" + (shape ?? ""));
}
`;
const HOOK = `import { hook } from "tocsin";
export default hook({ on: "onFailure", run: async () => { await fetch(process.env["RECEIVER"] ?? "", { method: "POST", body: "accepted" }); } });
`;

function config(text: string): string {
  const imports = `import data from "./data.json"; import query from "./query.sql" with { type: "text" };
import common from "./common.cjs"; import { fails } from "./lib.ts";`;
  const code = `
const all = flow({ name: "all", run: () => [${JSON.stringify(text)}, data.day, query, common.twice(4)] });
const exits = flow({ name: "exits", run: () => process.exit(3) });
const broken = flow({ name: "fails", run: () => { fails(); } });`;
  const rest = { flows: ["all", "exits", "broken"], options: 'hooks: ["./hooks/audit.ts"]' };
  return imports + configText({ code, ...rest });
}

async function ended(daemon: TestDaemon, flow: string) {
  return await daemon.untilRun((await daemon.trigger(flow)).id, isOver);
}

test(
  "new threads run the accepted config and its files while those on disk are edited or broken",
  async () => {
    await using receiver = aReceiver();
    await using scene = await aScene(config("accepted"));
    await scene.write("lib.ts", LIB);
    await scene.write("hooks/audit.ts", HOOK);
    await scene.write("data.json", '{ "day": "mon" }');
    await scene.write("query.sql", "select 1");
    await scene.write("common.cjs", "exports.twice = (n) => n * 2;");
    const daemon = await scene.serve({ args: ["--no-watch"], env: { RECEIVER: receiver.url } });
    await ended(daemon, "exits");
    await scene.write("flows.config.ts", config("edited"));
    for (const name of ["lib.ts", "hooks/audit.ts", "data.json", "query.sql", "common.cjs"]) {
      await scene.write(name, "} broken");
    }

    expect((await ended(daemon, "all")).result).toEqual(["accepted", "mon", "select 1", 8]);
    await ended(daemon, "exits");
    const { state } = await ended(daemon, "fails");
    expect(state.error?.stack).toContain(`${scene.folder}/lib.ts:7:`);
    expect(state.error?.stack).toContain(`${scene.folder}/flows.config.ts:10:`);
    const [rung] = await receiver.untilReceived(1, daemon.log);
    expect(rung?.body).toContain("accepted");
    expect((await daemon.post("/api/config/reload")).status).toBe(422);
    expect((await ended(daemon, "all")).result).toEqual(["accepted", "mon", "select 1", 8]);
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);
