import type { ErrorInfo } from "./failure.ts";
import type { SlotName } from "./ids.ts";
import type { Instant } from "./instant.ts";
import type { JsonText } from "./json.ts";
import type { PauseRequest } from "./state.ts";

/** What can happen to a run or a task run. */
export type Signal =
  | { readonly type: "submit" }
  /** The executor that claimed it has no room for it after all. */
  | {
      readonly type: "release";
      readonly dueAt: Instant;
      readonly isLate: boolean;
      readonly message: string;
    }
  | { readonly type: "start" }
  | { readonly type: "succeed"; readonly result?: JsonText; readonly message?: string }
  | { readonly type: "reuse"; readonly result: JsonText }
  | { readonly type: "fail"; readonly error: ErrorInfo; readonly message: string }
  | { readonly type: "time-out"; readonly error: ErrorInfo; readonly message: string }
  | { readonly type: "crash"; readonly error?: ErrorInfo; readonly message: string }
  | {
      readonly type: "retry";
      readonly dueAt: Instant;
      readonly after: "failure" | "crash";
      readonly message: string;
    }
  | { readonly type: "again"; readonly message: string }
  | { readonly type: "be-late" }
  | { readonly type: "await-slot"; readonly slot: SlotName; readonly message: string }
  | { readonly type: "pause"; readonly pause: PauseRequest; readonly message: string }
  | { readonly type: "resume"; readonly dueAt: Instant }
  | { readonly type: "cancel"; readonly message: string }
  | { readonly type: "cancelled"; readonly message: string }
  | { readonly type: "rerun"; readonly dueAt: Instant; readonly message: string };

export type SignalType = Signal["type"];
