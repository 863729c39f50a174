import { type Command, InvalidArgumentError } from "commander";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { perform, type Session } from "./session.ts";
import { printDelivery } from "./show-delivery.ts";
import { type DeliveryApi, withDeliveries } from "./with-deliveries.ts";

const REPLAYABLE = ["dead", "retrying", "dropped", "delivered"];
const LATER = "No daemon runs: the next one rings what was asked for";

interface RedeliverOptions extends StoreOptions {
  readonly hook?: string;
  readonly run?: string;
  readonly flow?: string;
  readonly since?: string;
  readonly until?: string;
  readonly status?: readonly string[];
  readonly dryRun?: boolean;
}

/** `tocsin hooks redeliver` */
export function addHooksRedeliver(hooks: Command, context: Context): void {
  const command = hooks
    .command("redeliver")
    .description("ring hooks again: one delivery, or all dead ones that fit")
    .argument("[delivery]", "id, or its first characters (6 at least)");
  addStoreOptions(command)
    .option("--run <run>", "of this run")
    .option("--hook <hook>", "of the hooks with this name or key")
    .option("--flow <flow>", "of this flow")
    .option("--since <time>", "written since: 7d, or 2026-01-31T08:00:00Z")
    .option("--until <time>", "written before")
    .option("--status <statuses>", `instead of dead: ${REPLAYABLE.join(", ")}`, statusList)
    .option("--dry-run", "only say how many there are")
    .action(
      perform<RedeliverOptions>(context, (session, options) => {
        refuseUnclear(session, options);
        return withDeliveries(session, options, (api, on) =>
          session.args[0] === undefined
            ? redeliverMany(session, options, { api, on })
            : redeliverOne(session, options, { api, on }),
        );
      }),
    );
}

interface Place {
  readonly api: DeliveryApi;
  readonly on: "daemon" | "store";
}

function refuseUnclear({ args }: Session, options: RedeliverOptions): void {
  const { run, hook, flow, since, until, status } = options;
  const isFiltered = [run, hook, flow, since, status].some((part) => part !== undefined);
  const isBoth = args[0] !== undefined && (isFiltered || until !== undefined);
  const why = isBoth
    ? "give either a delivery, or --run, --hook, --flow, --since, --until and --status"
    : "say which ones: a delivery, or --run, --hook, --flow, --since or --status";
  if (isBoth || (args[0] === undefined && !isFiltered)) {
    throw new CliFailure(`Cannot redeliver: ${why}`, EXIT.usage);
  }
}

async function redeliverOne(
  { printer, args }: Session,
  { dryRun }: RedeliverOptions,
  { api, on }: Place,
): Promise<void> {
  const reference = args[0] ?? "";
  const delivery = await (dryRun === true ? api.findDelivery(reference) : api.redeliver(reference));
  printer.document(delivery, () => printDelivery(printer, delivery));
  if (dryRun === true)
    return printer.note("Nothing was changed; without --dry-run it is rung again");
  if (on === "store") printer.note(LATER);
  printer.next(`tocsin hooks deliveries ${delivery.id}`);
}

async function redeliverMany(
  { printer }: Session,
  options: RedeliverOptions,
  { api, on }: Place,
): Promise<void> {
  const { run, hook, flow, since, until, status, dryRun = false } = options;
  const filter = Object.entries({ run, hook, flow, since, until, status });
  const asked = Object.fromEntries(filter.filter(([, value]) => value !== undefined));
  const answer = await api.redeliverMany({ ...asked, dryRun });
  const { redelivered, skipped } = answer;
  const many = redelivered === 1 ? "1 delivery" : `${redelivered} deliveries`;
  printer.document(answer, () =>
    printer.line(dryRun ? `${many} would be rung again` : `${many} rung again`),
  );
  if (skipped > 0) printer.note(`${skipped} left alone: their hooks are not in the config`);
  if (dryRun || redelivered === 0) return;
  if (on === "store") printer.note(LATER);
  const same = filter.filter(([name]) => name === "run" || name === "hook" || name === "flow");
  const flags = same.flatMap(([name, value]) => (value === undefined ? [] : ` --${name} ${value}`));
  printer.next(`tocsin hooks deliveries${flags.join("")}`);
}

function statusList(text: string): readonly string[] {
  const statuses = text.split(",");
  const strange = statuses.find((part) => !REPLAYABLE.includes(part));
  if (strange === undefined) return statuses;
  throw new InvalidArgumentError(`"${strange}" is none of ${REPLAYABLE.join(", ")}.`);
}
