import type { Command } from "commander";
import type { HookView } from "../http/hook-view.ts";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { EXIT } from "./failure.ts";
import type { Printer } from "./printer.ts";
import { perform } from "./session.ts";
import type { Table } from "./table.ts";
import { cutTo } from "./text.ts";
import { withRecords } from "./with-records.ts";

/** Columns of a terminal that the last failure takes at most. */
const TROUBLE_MAX = 70;

/** `tocsin hooks ls` */
export function addHooksLs(hooks: Command, context: Context): void {
  addStoreOptions(
    hooks.command("ls").description("list hooks, and how their deliveries stand"),
  ).action(
    perform<StoreOptions>(context, (session, options) =>
      withRecords(session, options, async (api) => {
        const { printer, context } = session;
        const { isTTY } = context.stdout;
        const page = await api.listHooks();
        printer.list(page, () => hookTable(printer, page.items, { isTTY }));
        if (page.items.length === 0) {
          printer.note("There are no hooks; give one to a flow: onFailure: [notify]");
        } else if (page.items.some(({ deliveries }) => (deliveries.dead ?? 0) > 0)) {
          printer.next("tocsin hooks deliveries --failed");
        } else printer.next(`tocsin hooks test ${page.items[0]?.name}`);
        return EXIT.ok;
      }),
    ),
  );
}

function hookTable(
  printer: Printer,
  hooks: readonly HookView[],
  { isTTY }: { readonly isTTY: boolean },
): Table {
  const cut = (text: string) => (isTTY ? cutTo(text, TROUBLE_MAX, "…") : text);
  return {
    head: [
      "HOOK",
      "OF",
      "MOMENTS",
      "DELIVERED",
      "WAITING",
      "DUE",
      "DEAD",
      "LAST",
      "TROUBLE",
      "KEY",
    ],
    rows: hooks.map((hook) => [
      hook.name,
      `${hook.owner.kind} ${hook.owner.name}`,
      hook.moments.join(","),
      String(hook.deliveries.delivered ?? 0),
      String((hook.deliveries.pending ?? 0) + (hook.deliveries.retrying ?? 0)),
      printer.time(hook.waiting?.oldestDueAt),
      String(hook.deliveries.dead ?? 0),
      printer.time(hook.lastDeliveredAt),
      cut(troubleOf(printer, hook)),
      hook.key,
    ]),
  };
}

function troubleOf(
  printer: Printer,
  { gone, down, lastFailure, lastDeliveredAt }: HookView,
): string {
  if (gone === true) return "not in the config";
  const why = lastFailure?.message ?? "";
  if (down !== undefined) return `down since ${printer.time(down.since)}: ${why}`;
  const isNews = lastFailure !== undefined && lastFailure.at >= (lastDeliveredAt ?? "");
  return isNews ? `failed ${printer.time(lastFailure.at)}: ${why}` : "";
}
