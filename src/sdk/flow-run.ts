import type { Json } from "../domain/json.ts";

/** The run that the code belongs to, as of the start of this attempt. Times are ISO 8601 in UTC. */
export interface FlowRun {
  readonly id: string;
  readonly name: string;
  readonly flow: string;
  /** 1-based. */
  readonly attempt: number;
  readonly parameters: Json;
  readonly tags: readonly string[];
  readonly schedule?: string;
  readonly scheduledFor?: string;
  readonly createdAt: string;
  readonly parent?: string;
  readonly generation: number;
}

/** The task run that the code belongs to. */
export interface TaskRunInfo {
  readonly id: string;
  readonly task: string;
  /** Which call of this task in the attempt it is, from 0. */
  readonly call: number;
  /** 1-based. */
  readonly attempt: number;
}
