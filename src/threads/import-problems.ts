import { readFileSync } from "node:fs";
import { basename, dirname, extname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { errorInfo } from "../domain/failure.ts";
import type { ConfigProblem } from "../domain/flow.ts";
import { nearest } from "../domain/nearest.ts";
import { isShippedHook, type Site, siteOfFrame } from "../sdk/definition-site.ts";
import { escapedForRegExp } from "./escaped-for-reg-exp.ts";
import { VIRTUAL_MODULES } from "./virtual-modules.ts";

/** Our own sources, or the place inside the compiled binary where they are. */
const OURS = fileURLToPath(new URL("..", import.meta.url));
const DENO_POSITION = /\s+at (file:\/\/\S+?):(\d+):(\d+)\s*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: Deno colours its messages
const COLORS = /\u001b\[\d+m/g;

/** The name of a module that a message says is not there, if it is like those that we give. */
const OURS_IMPORTED = /(?<=["'])tocsin(?:\/[\w./-]*)?(?=["'])/;

const HOOKS = "tocsin/hooks/";

/** Names of errors that tell people nothing. */
const PLAIN = ["Error", "ResolveMessage", "BuildMessage"];

interface Importing {
  readonly file: string;
  readonly configPath: string;
}

/** What kept a file from being imported: every fault that the error names, each with its position. */
export function importProblems(thrown: unknown, importing: Importing): readonly ConfigProblem[] {
  const parts = thrown instanceof AggregateError ? thrown.errors : [thrown];
  return parts.map((part) => problemOf(part, importing));
}

/** A site as people read it: `flows.config.ts:12:3`, from the config's directory. */
export function siteText({ file, line, column }: Site, configPath: string): string {
  return `${relative(dirname(configPath), file)}:${line}:${column}`;
}

function problemOf(thrown: unknown, { file, configPath }: Importing): ConfigProblem {
  const info = errorInfo(thrown);
  const plain = info.message.replace(COLORS, "");
  const noExport = exportSite(plain, file);
  const site =
    positionOf(thrown) ??
    positionInText(info.message) ??
    importSite(thrown) ??
    noExport ??
    frameOf(thrown);
  const name = relative(dirname(configPath), file);
  const isPlaced = positionOf(thrown) !== undefined || noExport !== undefined;
  const isBare = site === undefined || isPlaced || PLAIN.includes(info.name);
  const told = (isBare ? "" : `${info.name}: `) + firstLine(plain) + howToInstall(plain);
  const said = notOurModule(thrown, plain) ?? told;
  const message = `Cannot import "${name}": ${said}`;
  return { path: "", message, ...(site === undefined ? {} : { at: siteText(site, configPath) }) };
}

/** What to say of an import of ours that there is not; undefined for everything else. */
function notOurModule(thrown: unknown, message: string): string | undefined {
  const specifier: unknown = Reflect.get(Object(thrown), "specifier");
  // Bun's message has the package only; Deno's has what was imported.
  const [wanted] =
    OURS_IMPORTED.exec(typeof specifier === "string" ? `"${specifier}"` : message) ?? [];
  const known = Object.keys(VIRTUAL_MODULES);
  if (wanted === undefined || known.includes(wanted)) return undefined;
  const meant = nearest(wanted, known);
  const guess = meant === undefined ? "" : `did you mean "${meant}"? `;
  const hooks = known
    .filter((name) => name.startsWith(HOOKS))
    .map((name) => name.slice(HOOKS.length));
  return `there is no "${wanted}"; ${guess}there is "tocsin", and under "${HOOKS}" there are ${hooks.join(", ")}`;
}

/** Bun's message names the package alone, also where a file of it is imported. */
function howToInstall(message: string): string {
  const [, name] = /^Cannot find package '([^']+)'/.exec(message) ?? [];
  return name === undefined ? "" : `; install it with: tocsin pm add ${name}`;
}

function firstLine(message: string): string {
  const text = message.replace(DENO_POSITION, "").trim();
  return (text.split("\n")[0] ?? text).replace(/\.$/, "");
}

/** Bun's syntax errors carry a position. */
function positionOf(thrown: unknown): Site | undefined {
  const position: unknown = Reflect.get(Object(thrown), "position");
  if (typeof position !== "object" || position === null) return undefined;
  const { file, line, column } = { file: "", line: 0, column: 0, ...position };
  return file === "" ? undefined : { file, line, column };
}

/** Deno's syntax errors end in one. */
function positionInText(message: string): Site | undefined {
  const [, file, line, column] = DENO_POSITION.exec(message) ?? [];
  return file === undefined
    ? undefined
    : { file: fileURLToPath(file), line: Number(line), column: Number(column) };
}

/** A module that is not found: Bun names who imports what, and the text of the importer has the line. */
function importSite(thrown: unknown): Site | undefined {
  const referrer: unknown = Reflect.get(Object(thrown), "referrer");
  const specifier: unknown = Reflect.get(Object(thrown), "specifier");
  if (typeof referrer !== "string" || typeof specifier !== "string") return undefined;
  if (isOurs(referrer)) return undefined;
  const lines = linesOfFile(referrer);
  const index = lines.findIndex((line) =>
    new RegExp(`["'\`]${escapedForRegExp(specifier)}["'\`]`).test(line),
  );
  const column = (lines[index]?.indexOf(specifier) ?? 0) + 1;
  return index < 0 ? undefined : { file: referrer, line: index + 1, column };
}

const NO_EXPORT = /^Export named '(\w+)' not found in module '([^']+)'/;

/** A name that a module does not give: Bun does not say where it is wanted. */
function exportSite(message: string, file: string): Site | undefined {
  const [, name, from] = NO_EXPORT.exec(message) ?? [];
  if (name === undefined || from === undefined) return undefined;
  const lines = linesOfFile(file);
  const module = escapedForRegExp(basename(from, extname(from)));
  const wanted = new RegExp(`\\b${name}\\b.*["'\`/]${module}(?:\\.\\w+)?["'\`]`);
  const index = lines.findIndex((line) => wanted.test(line));
  if (index < 0) return undefined;
  return { file, line: index + 1, column: (lines[index]?.search(wanted) ?? 0) + 1 };
}

function linesOfFile(file: string): readonly string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch {
    return [];
  }
}

/** The first frame of the stack that is the user's own. */
function frameOf(thrown: unknown): Site | undefined {
  const stack = thrown instanceof Error && typeof thrown.stack === "string" ? thrown.stack : "";
  for (const line of stack.split("\n")) {
    if (!line.trimStart().startsWith("at ")) continue;
    const site = siteOfFrame(line);
    if (site !== undefined && !isOurs(site.file) && !site.file.includes("/node_modules/")) {
      return site;
    }
  }
  return undefined;
}

/** Whether a file is part of tocsin. */
export function isOurs(file: string): boolean {
  return file.startsWith(OURS) || isShippedHook(file) || file.includes("/$bunfs/");
}
