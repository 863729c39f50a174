import type { Command } from "commander";
import type { Context } from "./context.ts";
import { addDbBackup } from "./db-backup.ts";
import { addDbCheck } from "./db-check.ts";
import { addDbPath } from "./db-path.ts";
import { addDbPrune } from "./db-prune.ts";
import { addDbRestore } from "./db-restore.ts";
import { addDbStats } from "./db-stats.ts";
import { addDbVacuum } from "./db-vacuum.ts";

/** `tocsin db …` */
export function addDbGroup(program: Command, context: Context): void {
  const db = program.command("db").description("care for the store: back up, check, make smaller");
  addDbPath(db, context);
  addDbStats(db, context);
  addDbCheck(db, context);
  addDbBackup(db, context);
  addDbRestore(db, context);
  addDbVacuum(db, context);
  addDbPrune(db, context);
}
