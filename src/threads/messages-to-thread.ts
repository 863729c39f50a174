import type { NewBlock } from "../domain/blocks.ts";
import type { Ringing } from "../domain/delivery.ts";
import type { KeptResult } from "../domain/executor.ts";
import type { ErrorInfo } from "../domain/failure.ts";
import type { Sources } from "../domain/flow.ts";
import type { DeliveryId } from "../domain/ids.ts";
import type { Json, JsonText } from "../domain/json.ts";
import type { FlowRun } from "../sdk/flow-run.ts";

/** What a thread is started with. */
export type ThreadData = ThreadDuty & {
  /** Which programs it has started: see program-board.ts. */
  readonly programs: SharedArrayBuffer;
};

export type ThreadDuty =
  | { readonly mode: "config"; readonly configPath: string }
  | {
      readonly mode: "run";
      readonly configPath: string;
      readonly sources: Sources;
      /** Which posted runs are taken or taken back: see slot-board.ts. */
      readonly board: SharedArrayBuffer;
      readonly logLinesMax: number;
      readonly resultBytesMax: number;
      /** Where its messages go instead of to the thread that started it: see process-pipe.ts. */
      readonly messagesFd?: number;
    }
  | {
      readonly mode: "ring";
      readonly configPath: string;
      readonly sources: Sources;
      /** Whether its hook is only tried: see hook-dry-run.ts. */
      readonly dry: boolean;
    }
  | {
      readonly mode: "block";
      readonly configPath: string;
      readonly sources: Sources;
      readonly block: Pick<NewBlock, "type" | "value">;
    };

/** What the main thread tells a thread. Posted in batches, each as one JSON text. */
export type MessageToThread =
  | {
      readonly type: "execute";
      /** Unique in the life of the thread: slots are used again, and late messages must not be confused. */
      readonly post: number;
      readonly slot: number;
      /** Alone: nothing else was posted with it, so its start is said at once. */
      readonly alone: boolean;
      readonly run: Omit<FlowRun, "parameters">;
      readonly parameters: JsonText;
      readonly kept: readonly KeptResult[];
      readonly resumed: readonly Json[];
    }
  | {
      readonly type: "abort";
      readonly post: number;
      readonly message: string;
      readonly graceMs: number;
    }
  | { readonly type: "ring"; readonly ringing: Ringing }
  /** The time is over: abort the signal, and report how it stands if the hook does not end by itself. */
  | { readonly type: "abort-ring"; readonly deliveryId: DeliveryId; readonly message: string }
  | { readonly type: "answer"; readonly id: number; readonly value: Json }
  | { readonly type: "answer-error"; readonly id: number; readonly error: ErrorInfo };
