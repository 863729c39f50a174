import { describe, expect, test } from "bun:test";
import type { FlowName } from "../../src/domain/ids.ts";
import { type ConfigRead, createConfigKeeper } from "../../src/engine/config-keeper.ts";
import { createLog } from "../../src/log.ts";
import { aFlow, aGeneration } from "../support/manifests.ts";
import { NOON } from "../support/stores.ts";

const REFUSED: ConfigRead = { type: "refused", problems: [{ path: "", message: "no such file" }] };

/** A keeper that reads what the test says, and the lines that it logs. */
function keeping() {
  const { manifest, sources } = aGeneration([aFlow({ name: "work" as FlowName })]);
  const first = { type: "accepted" as const, manifest, sources };
  const state: { config: ConfigRead } = { config: first };
  const accepted: number[] = [];
  const lines: string[] = [];
  const keeper = createConfigKeeper(
    {
      configPath: "flows.config.ts",
      read: async () => state.config,
      clock: () => NOON,
      log: createLog({ level: "info", format: "json", write: (line) => void lines.push(line) }),
      onAccepted: async ({ number }) => void accepted.push(number),
    },
    first,
  );
  const errors = () => lines.filter((line) => line.includes("Cannot accept config"));
  return { keeper, state, first, accepted, lines, errors };
}

describe("a file that was seen to change", () => {
  test("makes no new generation where the config is what it was", async () => {
    const { keeper, accepted } = keeping();

    expect(await keeper.reload("seen")).toMatchObject({ type: "accepted", changed: false });
    expect(keeper.newest().number).toBe(1);
    expect(await keeper.reload()).toMatchObject({ type: "accepted", changed: false });
    expect(accepted).toEqual([2]);
  });

  test("is not complained of twice, and is said to be well again", async () => {
    const { keeper, state, first, lines, errors } = keeping();
    state.config = REFUSED;
    await keeper.reload();
    await keeper.reload("seen");
    expect(errors()).toHaveLength(1);
    expect(keeper.lastProblems()).toHaveLength(1);

    state.config = first;
    await keeper.reload("seen");
    expect(keeper.lastProblems()).toBeUndefined();
    expect(lines.at(-1)).toContain("The config is generation 1 again");
    expect(keeper.newest().number).toBe(1);
  });
});
