import type { Command } from "commander";
import { wholeProgram } from "../../scripts/command-tree.ts";
import type { Paper } from "./papers.ts";

const PROGRAM = wholeProgram();
/** A call, up to what a shell does next. What follows `#` is a remark. */
const CALL = /(?:^|[\s(/])tocsin((?: +(?!#)[^\s|;&)>`]+)+)/gm;

/** Calls of the program in code that name commands or options that are not there. */
export function strangeCommandsIn({ path, text }: Paper): readonly string[] {
  return codeIn(text)
    .flatMap((code) => [...code.matchAll(CALL)].map(([, words = ""]) => wordsIn(words)))
    .filter((words) => isStrange(PROGRAM, words))
    .map((words) => `${path}: tocsin ${words.join(" ")}`);
}

/** A program that starts it may have arguments of its own: `docker run --name tocsin … tocsin status`. */
function wordsIn(text: string): readonly string[] {
  const words = text.trim().split(/ +/);
  return words.slice(words.lastIndexOf("tocsin") + 1);
}

/** What stands in backticks, and in blocks of shell commands. */
function codeIn(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```(?:sh|bash|console)\n([\s\S]*?)^```/gm)];
  const rest = text.replace(/^```[\s\S]*?^```/gm, "");
  const inline = [...rest.matchAll(/`([^`\n]+)`/g)];
  return [...blocks, ...inline].map(([, code = ""]) => code);
}

function isStrange(command: Command, words: readonly string[]): boolean {
  const [first = "", ...rest] = words;
  const child = command.commands.find((one) => one.name() === first);
  if (child !== undefined) return isStrange(child, rest);
  // Below a group only its commands can follow; a sentence may go on otherwise.
  if (command.commands.length > 0 && /^[a-z][a-z-]*$/.test(first) && first !== "help") return true;
  return words.some(
    (word) => word.startsWith("--") && !hasOption(command, word.split("=")[0] ?? ""),
  );
}

function hasOption(command: Command | null, flag: string): boolean {
  if (["--help", "--"].includes(flag)) return true;
  if (command === null) return false;
  const plain = flag.replace(/[^\w-]+$/, "");
  return command.options.some(({ long }) => long === plain) || hasOption(command.parent, flag);
}
