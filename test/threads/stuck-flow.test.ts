import { expect, test } from "bun:test";
import type { Executor, Offer } from "../../src/domain/executor.ts";
import { instant } from "../../src/domain/instant.ts";
import { isolationsIn, routeExecutors } from "../../src/engine/executors.ts";
import { selfCommand } from "../../src/self-command.ts";
import { createThreadExecutor } from "../../src/threads/pool.ts";
import { createProcessExecutor } from "../../src/threads/process-executor.ts";
import { configDir } from "./support/config-dir.ts";
import { type AddOptions, memoryLedger } from "./support/memory-ledger.ts";
import { generationOf, quietLog } from "./support/pool-with.ts";

const CONFIG = `import { execSync } from "node:child_process";
import { defineConfig, flow } from "tocsin";
export default defineConfig({ flows: [
  flow({ name: "blocks", run: ({ block }: { block?: boolean }) => { if (block === true) execSync("sleep 7"); return process.pid; } }),
  flow({ name: "fine", run: () => process.pid }),
] });
`;

/** Threads and processes as the daemon wires them. */
function executorsOn(config: string) {
  const ledger = memoryLedger();
  const generation = generationOf(configDir(config));
  const said: string[] = [];
  const log = { ...quietLog, warn: (message: string) => void said.push(message) };
  const isolations = isolationsIn(() => generation, log);
  const shared = {
    ...{ ledger, log, clock: () => instant(Date.now()), newest: () => generation },
    answerRequest: async () => null,
    onRoom: () => {},
  };
  const executor: Executor = routeExecutors(
    createThreadExecutor({
      ...{ ...shared, threadsMax: 2, stuckAfterMs: 100, onStuck: isolations.stuck },
    }),
    createProcessExecutor({ ...shared, processesMax: 2, self: selfCommand() }),
    isolations.of,
  );
  const outcome = async (flow: string, options: AddOptions = {}) => {
    const offer: Offer = ledger.add(flow, options);
    expect(executor.offer([offer]).left).toEqual([]);
    return (await ledger.end(offer)).outcome;
  };
  return { executor, outcome, said };
}

test("a flow whose thread could not be stopped has a process of its own from its next attempt on", async () => {
  const { executor, outcome, said } = executorsOn(CONFIG);
  const here = { type: "completed", result: String(process.pid) };
  const options = { parameters: { block: true }, timeoutMs: 300, graceMs: 20 };
  expect(await outcome("blocks")).toMatchObject(here);

  expect(await outcome("blocks", options)).toMatchObject({
    type: "timed-out",
    message: expect.stringMatching(/written off$/),
  });

  expect(said).toEqual([expect.stringMatching(/"blocks".*isolation: "process"/)]);
  const next = await outcome("blocks");
  expect(next.type).toBe("completed");
  expect(next).not.toMatchObject(here);
  expect(await outcome("blocks", options)).toMatchObject({
    type: "timed-out",
    message: expect.stringMatching(/its process was killed$/),
  });
  expect(await outcome("fine")).toMatchObject(here);
  expect([executor.health().stuck, said.length]).toEqual([1, 1]);
  await executor.stop(0);
});
