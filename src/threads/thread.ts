import { parentPort, workerData } from "node:worker_threads";
import type { ConfigProblem } from "../domain/flow.ts";
import { watchPrograms } from "../sdk/programs.ts";
import { blockDuty } from "./block-duty.ts";
import { captureOutput } from "./captured-output.ts";
import type { DryRun } from "./hook-dry-run.ts";
import { noteFetches } from "./hook-fetch.ts";
import { importedHooks } from "./hook-table.ts";
import { type ImportedConfig, importConfig, moduleFile } from "./import-config.ts";
import { importProblems } from "./import-problems.ts";
import type { MessageToThread, ThreadData } from "./messages-to-thread.ts";
import { beforeExit, provideModules } from "./platform.ts";
import { pipePort } from "./process-pipe.ts";
import { programBoard } from "./program-board.ts";
import { readManifest } from "./read-manifest.ts";
import { recordSources } from "./recorded-sources.ts";
import { ringThread } from "./ring-thread.ts";
import { runThread } from "./run-thread.ts";
import { serveSources } from "./served-sources.ts";
import { type ThreadPort, threadPort } from "./thread-port.ts";
import { VIRTUAL_MODULES } from "./virtual-modules.ts";

/*
 * The entry of every thread. User code is imported and executed here, and nowhere else.
 */

/** What a thread does, apart from importing the config. */
interface Duty {
  readonly withModules: boolean;
  /** What must be done before user code is imported. */
  prepare?(): Promise<void>;
  take(message: MessageToThread): void;
  open(imported: ImportedConfig): void;
  lateError(thrown: unknown): void;
  exiting(code: number): void;
}

if (parentPort !== null) {
  // Both ends of the line are this program.
  const data = workerData as ThreadData;
  const port = threadPort(outlet(data) ?? parentPort);
  const duty = dutyOf(data, port);
  process.on("unhandledRejection", (reason) => duty.lateError(reason));
  process.on("uncaughtException", (error) => duty.lateError(error));
  beforeExit((code) => duty.exiting(code));
  parentPort.on("message", (batch: string) => {
    for (const message of JSON.parse(batch) as readonly MessageToThread[]) {
      if (!port.settle(message)) duty.take(message);
    }
  });
  watchPrograms(programBoard(data.programs));
  provideModules(VIRTUAL_MODULES);
  const { configPath } = data;
  const sources = data.mode === "config" ? undefined : data.sources;
  if (sources !== undefined) serveSources(sources);
  await duty.prepare?.();
  const imported = await importConfig({ configPath, sources, withModules: duty.withModules });
  if (imported.config === undefined && data.mode !== "config") {
    refuse(port, imported.problems);
  } else {
    // Said before anything begins: what begins may never yield.
    if (data.mode !== "config") port.collect({ type: "ready" });
    port.flush();
    duty.open(imported);
  }
  port.flush();
}

/** The thread of a child process writes to the daemon itself. */
function outlet(data: ThreadData) {
  if (data.mode !== "run" || data.messagesFd === undefined) return undefined;
  return pipePort(data.messagesFd);
}

function refuse(port: ThreadPort, problems: readonly ConfigProblem[]): void {
  port.collect({ type: "unready", problems });
}

function dutyOf(data: ThreadData, port: ThreadPort): Duty {
  const output = captureOutput((lines) => void port.send({ type: "output", lines }));
  switch (data.mode) {
    case "config":
      return configDuty(data.configPath, port);
    case "run": {
      const runs = runThread({ port, data, output });
      const open = ({ config }: ImportedConfig) => runs.open(config?.options.flows ?? []);
      return { ...runs, withModules: false, open };
    }
    case "block":
      return blockDuty(data.block, port);
    case "ring": {
      let dryRun: DryRun | undefined;
      noteFetches(() => dryRun?.outside());
      const rings = ringThread({ port, output, dryRun: () => dryRun });
      const prepare = async () => {
        if (data.dry) dryRun = (await import("./hook-dry-run.ts")).createDryRun();
      };
      const open = (imported: ImportedConfig) => rings.open(importedHooks(imported));
      return { ...rings, withModules: true, prepare, open };
    }
  }
}

function configDuty(configPath: string, port: ThreadPort): Duty {
  const recorded = recordSources();
  return {
    withModules: true,
    take() {},
    open(imported) {
      const answer = readManifest(imported, configPath);
      if (answer.type === "refused") {
        refuse(port, answer.problems);
        return;
      }
      const files = imported.modules.map(({ module }) => moduleFile(configPath, module));
      const { manifest } = answer;
      port.collect({ type: "manifest", manifest, ...recorded([configPath, ...files]) });
    },
    lateError(thrown) {
      const problems = importProblems(thrown, { file: configPath, configPath });
      port.collect({ type: "unready", problems });
      port.flush();
    },
    exiting(code) {
      const message = `Cannot import "${configPath}": it called process.exit(${code})`;
      port.collect({ type: "unready", problems: [{ path: "", message }] });
      port.flush();
    },
  };
}
