import type { Kysely } from "kysely";
import type { DeliveryStatus } from "../domain/delivery.ts";
import type { StateType } from "../domain/state.ts";
import type { Counts } from "./run-history.ts";
import type { Tables } from "./tables.ts";

export async function countsOf(db: Kysely<Tables>): Promise<Counts> {
  const runs = await db
    .selectFrom("run")
    .select(({ fn }) => ["state_type", fn.countAll<number>().as("count")])
    .groupBy("state_type")
    .execute();
  const deliveries = await db
    .selectFrom("delivery")
    .select(({ fn }) => ["status", fn.countAll<number>().as("count")])
    .groupBy("status")
    .execute();
  const none: Record<DeliveryStatus, number> = { pending: 0, delivered: 0, retrying: 0, dead: 0 };
  return {
    runs: Object.fromEntries(runs.map((row) => [row.state_type as StateType, row.count])),
    deliveries: {
      ...none,
      ...Object.fromEntries(deliveries.map((row) => [row.status, row.count])),
    },
  };
}
