import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BootId, FlowName, RunId } from "../../src/domain/ids.ts";
import { systemRandom, uuidv7 } from "../../src/domain/ids.ts";
import { type Instant, instant } from "../../src/domain/instant.ts";
import type { JsonText } from "../../src/domain/json.ts";
import type { Run } from "../../src/domain/run.ts";
import { bootOf } from "../../src/store/boot-store.ts";
import { openStore, type Store } from "../../src/store/open-store.ts";

export const NOON = instant(Date.UTC(2026, 5, 1, 12));
const SELF = [process.execPath, join(import.meta.dir, "../../src/main.ts")] as const;

/** A folder of the test's own; preload.ts sees to it that it does not stay. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "tocsin-test-"));
}

/** A real store in a file of its own. */
export function temporaryStore(folder = temporaryFolder(), startedAt: Instant = NOON): Store {
  const boot = bootOf(uuidv7(startedAt, systemRandom) as BootId, "test", startedAt);
  return openStore({ path: join(folder, "state.db"), boot, self: SELF });
}

/** A run that has just been created, not yet saved. */
export function aRun(store: Store, changes: Partial<Run> = {}): Run {
  const no = store.numbers.take("run");
  return {
    id: uuidv7(NOON) as RunId,
    no,
    name: `brave-otter-${no}`,
    flow: "report" as FlowName,
    rev: 1,
    state: { type: "SCHEDULED", name: "Scheduled", message: "", at: NOON, dueAt: NOON },
    attempt: 0,
    failures: 0,
    crashes: 0,
    parameters: "{}" as JsonText,
    tags: [],
    generation: 1,
    priority: 0,
    exclusive: false,
    createdAt: NOON,
    ...changes,
  };
}

export function at(ms: number): Instant {
  return instant(NOON + ms);
}
