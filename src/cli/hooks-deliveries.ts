import { type Command, InvalidArgumentError } from "commander";
import { DELIVERY_STATUSES } from "../domain/delivery.ts";
import type { DeliveryEntry } from "../store/run-history.ts";
import type { Items } from "./client.ts";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { EXIT } from "./failure.ts";
import { limitOf } from "./runs-ls.ts";
import { perform, type Session } from "./session.ts";
import { deliveryTable, printDelivery } from "./show-delivery.ts";
import { type RecordApi, withRecords } from "./with-records.ts";

const FAILED = "dead,retrying";

interface DeliveriesOptions extends StoreOptions {
  readonly failed?: boolean;
  readonly status?: string;
  readonly hook?: string;
  readonly run?: string;
  readonly flow?: string;
  readonly moment?: string;
  readonly since?: string;
  readonly until?: string;
  readonly cursor?: string;
  readonly limit: string;
}

/** `tocsin hooks deliveries` */
export function addHooksDeliveries(hooks: Command, context: Context): void {
  const command = hooks
    .command("deliveries")
    .description("list deliveries, newest first; or one with its attempts")
    .argument("[delivery]", "id, or its first characters (6 at least)");
  addStoreOptions(command)
    .option("--failed", "those that are dead or wait for another attempt")
    .option("--status <statuses>", `of these: ${DELIVERY_STATUSES.join(", ")}`, statusList)
    .option("--hook <hook>", "of the hooks with this name or key")
    .option("--run <run>", "of this run")
    .option("--flow <flow>", "of this flow")
    .option("--moment <moment>", "of this moment: onFailure")
    .option("--since <time>", "written since: 7d, or 2026-01-31T08:00:00Z")
    .option("--until <time>", "written before")
    .option("--limit <n>", "how many, at most 200", limitOf, "20")
    .option("--cursor <cursor>", "the page that follows an earlier one")
    .action(
      perform<DeliveriesOptions>(context, (session, options) =>
        withRecords(session, options, (api) =>
          session.args[0] === undefined
            ? listDeliveries(session, options, api)
            : showDelivery(session, session.args[0], api),
        ),
      ),
    );
}

async function showDelivery(
  { printer }: Session,
  reference: string,
  api: RecordApi,
): Promise<number> {
  const delivery = await api.findDelivery(reference);
  printer.document(delivery, () => printDelivery(printer, delivery));
  if (delivery.status !== "delivered" && delivery.status !== "pending") {
    printer.next(`tocsin hooks redeliver ${delivery.id}`);
  }
  return EXIT.ok;
}

async function listDeliveries(
  { printer, context }: Session,
  options: DeliveriesOptions,
  api: RecordApi,
): Promise<number> {
  const page = await gather(api, options);
  const { items, next } = page;
  printer.list(page, () => deliveryTable(printer, items, context.stdout));
  const dead = items.find(({ status }) => status === "dead");
  if (items.length === 0) printer.note("No deliveries fit");
  if (next !== undefined) printer.next(`tocsin hooks deliveries --cursor ${next} …`);
  else if (dead !== undefined) printer.next(`tocsin hooks redeliver ${dead.id}`);
  else if (items[0] !== undefined) printer.next(`tocsin hooks deliveries ${items[0].id}`);
  return EXIT.ok;
}

/** A page of the API may hold fewer than there are: it is asked on until there are enough. */
async function gather(api: RecordApi, options: DeliveriesOptions): Promise<Items<DeliveryEntry>> {
  const { hook, run, flow, moment, since, until, limit } = options;
  const status = options.failed === true ? FAILED : options.status;
  const filter = { status, hook, run, flow, moment, since, until };
  const items: DeliveryEntry[] = [];
  let { cursor } = options;
  do {
    const rest = String(Number(limit) - items.length);
    const page = await api.pageDeliveries({ ...filter, cursor, limit: rest });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined && items.length < Number(limit));
  return { items, ...(cursor === undefined ? {} : { next: cursor }) };
}

function statusList(text: string): string {
  const strange = text.split(",").find((part) => !DELIVERY_STATUSES.some((one) => one === part));
  if (strange === undefined) return text;
  throw new InvalidArgumentError(`"${strange}" is none of ${DELIVERY_STATUSES.join(", ")}.`);
}
