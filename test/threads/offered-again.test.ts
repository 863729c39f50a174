import { expect, test } from "bun:test";
import type { Executor, Offer, RunLedger } from "../../src/domain/executor.ts";
import { instant } from "../../src/domain/instant.ts";
import { selfCommand } from "../../src/self-command.ts";
import { createThreadExecutor } from "../../src/threads/pool.ts";
import { createProcessExecutor } from "../../src/threads/process-executor.ts";
import { configDir } from "./support/config-dir.ts";
import { memoryLedger } from "./support/memory-ledger.ts";
import { generationOf, quietLog } from "./support/pool-with.ts";

const CONFIG = `import { defineConfig, flow } from "tocsin";
export default defineConfig({ flows: [flow({ name: "one", run: () => 1 })] });
`;

type Make = (ledger: RunLedger, onRoom: () => void) => Executor;

function shared(ledger: RunLedger, onRoom: () => void) {
  const generation = generationOf(configDir(CONFIG));
  const clock = () => instant(Date.now());
  const answerRequest = async () => null;
  return { ...{ ledger, onRoom, clock, answerRequest }, log: quietLog, newest: () => generation };
}

const EXECUTORS: readonly (readonly [string, Make])[] = [
  [
    "threads",
    (ledger, onRoom) => createThreadExecutor({ ...shared(ledger, onRoom), threadsMax: 2 }),
  ],
  [
    "processes",
    (ledger, onRoom) =>
      createProcessExecutor({ ...shared(ledger, onRoom), processesMax: 2, self: selfCommand() }),
  ],
];

test.each(EXECUTORS)(
  "a run that is given room before its claim is over is left by %s, and asked for again",
  async (_, make) => {
    const ledger = memoryLedger();
    const toldToWait = Promise.withResolvers<void>();
    let claims = 0;
    let left: readonly Offer[] = [];
    const executor = make(
      {
        ...ledger,
        async claim(offers, node) {
          claims += 1;
          if (claims > 1) return await ledger.claim(offers, node);
          await toldToWait.promise;
          return offers.map(() => undefined);
        },
      },
      () => void executor.offer(left),
    );
    const offer = ledger.add("one");

    expect(executor.offer([offer]).left).toEqual([]);
    left = executor.offer([offer]).left;
    expect(left).toEqual([offer]);
    toldToWait.resolve();

    expect((await ledger.end(offer)).outcome).toMatchObject({ type: "completed" });
    expect(claims).toBe(2);
    await executor.stop(0);
  },
);
