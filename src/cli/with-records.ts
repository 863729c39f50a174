import type { Api } from "./client.ts";
import type { StoreOptions } from "./daemon-options.ts";
import { withDaemonOrStore } from "./daemon-or-store.ts";
import { EXIT } from "./failure.ts";
import type { Session } from "./session.ts";

/** The part of the API that reads what has been written down of runs, hooks and deliveries. */
export type RecordApi = Pick<
  Api,
  | "listRuns"
  | "findRun"
  | "listTransitions"
  | "listTaskRuns"
  | "listDeliveries"
  | "listLogs"
  | "listHooks"
  | "pageDeliveries"
  | "findDelivery"
>;

/** Hands the records to `action`: the running daemon's, or those in the store where none answers. */
export async function withRecords(
  session: Session,
  options: StoreOptions,
  action: (records: RecordApi, on: "daemon" | "store") => Promise<number | undefined>,
): Promise<number> {
  const code = await withDaemonOrStore(session, options, {
    open: async (place) => (await import("./offline-records.ts")).openOfflineRecords(place),
    action,
  });
  return code ?? EXIT.ok;
}
