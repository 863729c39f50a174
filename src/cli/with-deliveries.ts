import type { Api } from "./client.ts";
import type { StoreOptions } from "./daemon-options.ts";
import { withDaemonOrStore } from "./daemon-or-store.ts";
import { EXIT } from "./failure.ts";
import type { Session } from "./session.ts";

/** The part of the API that asks for deliveries again. */
export type DeliveryApi = Pick<Api, "findDelivery" | "redeliver" | "redeliverMany">;

/** Hands the deliveries to `action`: the running daemon's, or those in the store where none runs. */
export async function withDeliveries(
  session: Session,
  options: StoreOptions,
  action: (deliveries: DeliveryApi, on: "daemon" | "store") => Promise<void>,
): Promise<number> {
  await withDaemonOrStore(session, options, {
    open: async (place) => (await import("./offline-deliveries.ts")).openOfflineDeliveries(place),
    action,
  });
  return EXIT.ok;
}
