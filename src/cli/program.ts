import { Command, Help, type Option } from "commander";
import { VERSION } from "../version.ts";
import { addBackfill } from "./backfill.ts";
import { addBackfillsGroup } from "./backfills.ts";
import { addBlocksGet } from "./blocks-get.ts";
import { addBlocksLs } from "./blocks-ls.ts";
import { addBlocksRekey } from "./blocks-rekey.ts";
import { addBlocksRm } from "./blocks-rm.ts";
import { addBlocksSet } from "./blocks-set.ts";
import { addCheck } from "./check.ts";
import { addComplete } from "./complete.ts";
import { addConfigReload } from "./config-reload.ts";
import { addConfigShow } from "./config-show.ts";
import type { Context } from "./context.ts";
import { addDbGroup } from "./db.ts";
import { addDev } from "./dev.ts";
import { addDoctor } from "./doctor.ts";
import { addExplain } from "./explain.ts";
import { addFlowsGroup } from "./flows.ts";
import { addGlobalOptions } from "./globals.ts";
import { addHooksGroup } from "./hooks.ts";
import { addImportCrontab } from "./import-crontab.ts";
import { addInit } from "./init.ts";
import { addInspectStore } from "./inspect-store.ts";
import { addLogs } from "./logs.ts";
import { addNext } from "./next.ts";
import { addPmGroup } from "./pm.ts";
import { addRun } from "./run.ts";
import { addRunChild } from "./run-child.ts";
import { addRunsCancel } from "./runs-cancel.ts";
import { addRunsLs } from "./runs-ls.ts";
import { addRunsResume } from "./runs-resume.ts";
import { addRunsRetry } from "./runs-retry.ts";
import { addRunsShow } from "./runs-show.ts";
import { addRunsWatch } from "./runs-watch.ts";
import { addServe } from "./serve.ts";
import { addServiceGroup } from "./service.ts";
import { addStatus } from "./status.ts";
import { addStoreCare } from "./store-care.ts";
import { addTokenGroup } from "./token.ts";
import { addTrigger } from "./trigger.ts";
import { addTypes } from "./types.ts";
import { addVersion } from "./version.ts";

/** The whole command line. Nothing heavy is loaded before a command runs. */
export function createProgram(context: Context): Command {
  const program = new Command("tocsin")
    .description("Runs your flows on time, and rings when their state changes.")
    .version(VERSION, "--version", "print the version")
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, optionDescription })
    .showHelpAfterError("--help says what there is")
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    });
  addGlobalOptions(program);
  addBeginning(program.commandsGroup("To begin with:"), context);
  addWork(program.commandsGroup("Flows and runs:"), context);
  addState(program.commandsGroup("Hooks and what is kept:"), context);
  addDaemon(program.commandsGroup("The daemon:"), context);
  addRest(program.commandsGroup("Besides:"), context);
  program.helpCommand("help [command]", "say what a command does");
  addInspectStore(program, context);
  addStoreCare(program, context);
  addRunChild(program, context);
  return program;
}

/** An option that may be given several times begins with none: nobody need be told. */
function optionDescription(option: Option): string {
  return new Help().optionDescription(option).replace(" (default: [])", "");
}

function addBeginning(program: Command, context: Context): void {
  addInit(program, context);
  addImportCrontab(program, context);
  addCheck(program, context);
  addTypes(program, context);
  addPmGroup(program, context);
}

function addWork(program: Command, context: Context): void {
  addRun(program, context);
  addTrigger(program, context);
  addFlowsGroup(program, context);
  addNext(program, context);
  addExplain(program, context);
  addRunsGroup(program, context);
  addLogs(program, context);
  addBackfill(program, context);
  addBackfillsGroup(program, context);
}

function addState(program: Command, context: Context): void {
  addHooksGroup(program, context);
  addBlocksGroup(program, context);
  addDbGroup(program, context);
}

function addDaemon(program: Command, context: Context): void {
  addServe(program, context);
  addDev(program, context);
  addStatus(program, context);
  const config = program.command("config").description("the daemon's config and settings");
  addConfigShow(config, context);
  addConfigReload(config, context);
  addTokenGroup(program, context);
  addServiceGroup(program, context);
  addDoctor(program, context);
}

function addRest(program: Command, context: Context): void {
  addComplete(program, context);
  addVersion(program, context);
}

function addRunsGroup(program: Command, context: Context): void {
  const runs = program.command("runs").description("list, show, cancel, retry and resume runs");
  addRunsLs(runs, context);
  addRunsShow(runs, context);
  addRunsWatch(runs, context);
  addRunsCancel(runs, context);
  addRunsRetry(runs, context);
  addRunsResume(runs, context);
}

function addBlocksGroup(program: Command, context: Context): void {
  const blocks = program.command("blocks").description("stored values: webhook addresses, secrets");
  addBlocksLs(blocks, context);
  addBlocksGet(blocks, context);
  addBlocksSet(blocks, context);
  addBlocksRm(blocks, context);
  addBlocksRekey(blocks, context);
}
