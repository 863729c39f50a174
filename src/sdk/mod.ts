/** What `flows.config.ts` and hooks import as "tocsin". */
export * as v from "valibot";
export type { DecisionView } from "../domain/decision.ts";
export type { Duration } from "../domain/duration.ts";
export type { LogLevel } from "../domain/executor.ts";
export type { ErrorInfo } from "../domain/failure.ts";
export type { Moment, OverlapPolicy } from "../domain/flow.ts";
export type { Json, JsonObject } from "../domain/json.ts";
export type { RunView, StateView, TaskRunView } from "../domain/run-view.ts";
export { type BlockType, blockType } from "./block-type.ts";
export { type Block, type Blocks, block, blocks } from "./blocks.ts";
export { type Client, client, type TriggerOptions } from "./client.ts";
export { type CommandOptions, command } from "./command.ts";
export { type Config, type ConfigOptions, defineConfig } from "./config.ts";
export type { BlockTypeOptions } from "./declared-types.ts";
export {
  type Flow,
  type FlowContext,
  type FlowOptions,
  flow,
  type ScheduleOption,
} from "./flow.ts";
export type { FlowRun, TaskRunInfo } from "./flow-run.ts";
export {
  type AnyContext,
  type ContextOf,
  type DecisionContext,
  type Hook,
  type HookContext,
  type HookFunction,
  type HookOptions,
  HookRejection,
  type HookSettings,
  hook,
  type RunMoment,
} from "./hook.ts";
export { type Log, log } from "./log.ts";
export { type OutsideAct, outside } from "./outside.ts";
export { pause } from "./pause.ts";
export type { PauseOptions } from "./pause-options.ts";
export { type StartedProgram, startInThread, stopProgram } from "./programs.ts";
export type { RetryDelayOption } from "./retry-delay-option.ts";
export { type Runtime, runtime } from "./runtime.ts";
export type { StandardSchema } from "./standard-schema.ts";
export { RunAborted } from "./stops.ts";
export { type Task, type TaskOptions, task } from "./task.ts";
export type { CacheOption, PersistOption } from "./task-definition.ts";
export type { MapOptions } from "./task-map.ts";
