import type { Command } from "commander";
import type { StoreStats } from "../domain/store-care.ts";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import type { Printer } from "./printer.ts";
import { perform } from "./session.ts";
import { printFacts } from "./show-run.ts";
import { sizeInWords } from "./text.ts";
import { findStoreDoor } from "./with-store.ts";

/** `tocsin db stats` */
export function addDbStats(db: Command, context: Context): void {
  addStoreOptions(db.command("stats").description("rows, sizes and flows of the store")).action(
    perform<StoreOptions>(context, async (session, options) => {
      const { client } = await findStoreDoor(session, options);
      const stats = await client.stats();
      session.printer.document(stats, () => printStats(session.printer, stats));
      return 0;
    }),
  );
}

function printStats(printer: Printer, stats: StoreStats): void {
  const { sizeBytes, walBytes, freeBytes } = stats;
  printFacts(printer, [
    ["store", stats.path],
    ["version", String(stats.version)],
    ["size", `${sizeInWords(sizeBytes)}, of which ${sizeInWords(freeBytes)} free`],
    ["wal", sizeInWords(walBytes)],
    ["oldest run", printer.time(stats.oldestRunAt)],
    ["newest run", printer.time(stats.newestRunAt)],
  ]);
  const tables = stats.tables.filter(({ rows }) => rows > 0);
  printer.line("");
  printer.list({ items: tables }, () => ({
    head: ["TABLE", "ROWS", "SIZE"],
    rows: tables.map(({ table, rows, bytes }) => [table, String(rows), sizeInWords(bytes)]),
  }));
  if (stats.flows.length === 0) return;
  printer.line("");
  printer.list({ items: stats.flows }, () => ({
    head: ["FLOW", "RUNS", "OLDEST", "NEWEST"],
    rows: stats.flows.map(({ flow, runs, oldestAt, newestAt }) => [
      flow,
      String(runs),
      printer.time(oldestAt),
      printer.time(newestAt),
    ]),
  }));
}
