import type { Command, Option } from "commander";
import { shownIn, wholeProgram } from "./command-tree.ts";

export const COMMAND_PAPER_PATH = "docs/cli.md";

const BEGINNING = `# Command line

Written by \`bun run generate\` from the program itself: what \`--help\` says of each command.
[Operations](operations.md#commands) tells which daemon is asked, and what exit codes mean.`;

/** The reference of the command line, as the program describes itself. */
export function commandPaper(): string {
  const program = wholeProgram();
  const groups = Map.groupBy(shownIn(program), (command) => command.helpGroup());
  const parts = [...groups].flatMap(([heading, commands]) => [
    `## ${heading.replace(/:$/, "")}`,
    ...commands.flatMap((command) => partsOf(command, "tocsin")),
  ]);
  const globals = ["## Options of every command", listOf(program.options.map(optionLine))];
  return `${[BEGINNING, ...globals, ...parts].join("\n\n")}\n`;
}

function partsOf(command: Command, above: string): readonly string[] {
  const name = `${above} ${command.name()}`;
  const below = shownIn(command);
  if (below.length > 0) {
    return [`### ${name}`, sentence(command), ...below.flatMap((child) => partsOf(child, name))];
  }
  const { registeredArguments, options } = command;
  const usage = command.usage().replace("[options] ", "").replace("[options]", "").trim();
  const about = registeredArguments.filter(({ description }) => description !== "");
  const lines = [
    ...about.map((argument) => `\`${argument.name()}\`: ${escaped(argument.description)}`),
    ...options.filter(({ hidden }) => !hidden).map(optionLine),
  ];
  return [
    `${above === "tocsin" ? "###" : "####"} ${name}`,
    `\`${`${name} ${usage}`.trim()}\``,
    sentence(command),
    ...(lines.length === 0 ? [] : [listOf(lines)]),
  ];
}

function sentence(command: Command): string {
  const text = escaped(command.description());
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function optionLine(option: Option): string {
  const notes = [
    option.argChoices === undefined ? "" : `one of ${option.argChoices.map(code).join(", ")}`,
    defaultOf(option),
    option.envVar === undefined ? "" : `environment: \`${option.envVar}\``,
    option.mandatory ? "must be given" : "",
  ].filter((note) => note !== "");
  const more = notes.length === 0 ? "" : ` (${notes.join("; ")})`;
  return `\`${option.flags}\`: ${escaped(option.description)}${more}`;
}

function defaultOf({ defaultValue, negate }: Option): string {
  const isShown = typeof defaultValue === "string" || typeof defaultValue === "number";
  return isShown && !negate ? `by default ${code(String(defaultValue))}` : "";
}

function code(text: string): string {
  return `\`${text}\``;
}

function listOf(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

/** What Markdown would take for something of its own. */
function escaped(text: string): string {
  return text.replace(/[<>*]/g, String.raw`\$&`);
}
