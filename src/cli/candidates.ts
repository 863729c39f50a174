import { type Complete, RootCommand, type Command as TabCommand } from "@bomb.sh/tab";
import type { Argument, Command, Option } from "commander";
import { DELIVERY_STATUSES } from "../domain/delivery.ts";
import { STATE_NAMES } from "../domain/state.ts";
import { type Kind, kindOf, listNames, type Names } from "./live-names.ts";
import type { Session } from "./session.ts";

/** Arguments and options whose value is a file: the shell itself completes them. */
const FILES = /^(?:file|dir|config|package|params|token-file|store|key|out)$/;
/** Options that take a list of these, of which one is completed. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  state: Object.values(STATE_NAMES).flat(),
  status: DELIVERY_STATUSES,
};
/** The command that every command with commands has, and that takes one of them. */
const HELP = "help";
/** What the shells' scripts are told at the end: complete files, or nothing more. */
const WITH_FILES = ":0";

/** The candidates for the words of a line so far, as the shells' scripts read them. */
export async function candidates(session: Session, program: Command): Promise<string> {
  const words = session.args;
  // Once without names, to see which are wanted: nobody is asked for what is not needed.
  const wanted = new Set<Kind | "file">();
  complete(program, words, (what) => {
    wanted.add(what);
    return [];
  });
  const kinds = [...wanted].filter((what) => what !== "file");
  const names: Names = await listNames(session, kinds);
  const text = complete(program, words, (what) => (what === "file" ? [] : (names.get(what) ?? [])));
  return wanted.has("file") ? text.replace(/:\d+\n$/, `${WITH_FILES}\n`) : text;
}

/** What `print` prints by console.log, which is how this package speaks. */
function linesOf(print: () => void): string {
  const { log } = globalThis.console;
  let text = "";
  globalThis.console.log = (line: unknown) => {
    text += `${String(line)}\n`;
  };
  try {
    print();
  } finally {
    globalThis.console.log = log;
  }
  return text;
}

type NamesOf = (what: Kind | "file") => readonly string[];

function complete(program: Command, words: readonly string[], namesOf: NamesOf): string {
  const root = new RootCommand();
  describe(program, root, namesOf);
  addCommands(program, "", (name, command, parent) => {
    const tab = root.command(name, command.description());
    describe(command, tab, namesOf);
    if (command.name() === HELP) tab.argument("command", commandsOf(parent));
  });
  return linesOf(() => root.parse([...words]));
}

function addCommands(
  parent: Command,
  above: string,
  add: (name: string, command: Command, parent: Command) => void,
): void {
  for (const command of parent.createHelp().visibleCommands(parent)) {
    const name = above === "" ? command.name() : `${above} ${command.name()}`;
    add(name, command, parent);
    addCommands(command, name, add);
  }
}

/** Whose help is there to be had. */
function commandsOf(parent: Command) {
  return (complete: Complete): void => {
    for (const command of parent.createHelp().visibleCommands(parent)) {
      if (command.name() !== HELP) complete(command.name(), command.description());
    }
  };
}

/** A command's own options and arguments, and those of the program, which every command takes. */
function describe(command: Command, tab: TabCommand, namesOf: NamesOf): void {
  const help = command.createHelp();
  for (const option of [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)]) {
    addOption(option, tab, namesOf);
  }
  for (const argument of command.registeredArguments) {
    const offer = offerOf(argument.name(), argument.argChoices, namesOf);
    tab.argument(argument.name(), offer, argument.variadic);
  }
}

function addOption(option: Option, tab: TabCommand, namesOf: NamesOf): void {
  const long = option.long?.slice(2);
  if (long === undefined) return;
  const short = option.short?.slice(1);
  const takesValue = option.required || option.optional;
  if (!takesValue) {
    tab.option(long, option.description, short);
    return;
  }
  tab.option(long, option.description, offerOf(long, option.argChoices, namesOf), short);
}

function offerOf(name: string, choices: Argument["argChoices"], namesOf: NamesOf) {
  return (complete: Complete): void => {
    const kind = kindOf(name);
    const live = kind === undefined ? (FILES.test(name) ? namesOf("file") : []) : namesOf(kind);
    for (const value of [...(choices ?? WORDS[name] ?? []), ...live]) complete(value, "");
  };
}
