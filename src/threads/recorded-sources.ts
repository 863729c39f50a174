import { readFileSync, realpathSync, statSync } from "node:fs";
import type { SourceFile, Sources } from "../domain/flow.ts";
import { isOurs } from "./import-problems.ts";
import { loadedModules } from "./platform.ts";

const CODE = /\.[cm]?[jt]sx?$/;
/** Clocks of file systems tick in steps of some milliseconds. */
const CLOCK_STEP_MS = 20;

export interface RecordedSources {
  readonly sources: Sources;
  /** A file was written so late that another text may have been imported than the one recorded. */
  readonly unsure: boolean;
}

/** Notes what is loaded already. Call the answer when the config is imported: it answers what that loaded. */
export function recordSources(): (roots: readonly string[]) => RecordedSources {
  const before = loadedModules();
  const since = Date.now() - CLOCK_STEP_MS;
  return (roots) => {
    const found = [...loadedModules()]
      .filter(([path]) => !before.has(path) && isTheirs(path))
      .flatMap(([path, exported]) => sourceFile(path, exported))
      .toSorted((one, other) => (one.path < other.path ? -1 : 1));
    return {
      sources: {
        files: Object.fromEntries(found.map(({ path, file }) => [path, file])),
        links: linksOf(roots),
      },
      unsure: found.some(({ path }) => (writtenAt(path) ?? since) >= since),
    };
  };
}

function isTheirs(path: string): boolean {
  return path.startsWith("/") && !isOurs(path) && !path.includes("/node_modules/");
}

interface Found {
  readonly path: string;
  readonly file: SourceFile;
}

/** A file with how it was imported; none for data that only the runtime can read. */
function sourceFile(path: string, exported: unknown): readonly Found[] {
  const isModule = Object.prototype.toString.call(exported) === "[object Module]";
  const whole: unknown = isModule ? Reflect.get(Object(exported), "default") : undefined;
  const known = kindOf(path, isModule);
  if (known === undefined && typeof whole !== "string") return [];
  const text = textOf(path);
  const kind = whole === text ? "text" : known;
  return kind === undefined ? [] : [{ path, file: { kind, text } }];
}

function kindOf(path: string, isModule: boolean): SourceFile["kind"] | undefined {
  if (path.endsWith(".json")) return "json";
  if (!CODE.test(path)) return undefined;
  return isModule ? "module" : "commonjs";
}

/** What a file holds now; nothing when it is gone, which `writtenAt` says too. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function writtenAt(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ctimeMs;
}

function linksOf(roots: readonly string[]): Sources["links"] {
  const links = roots.map((root) => [root, realpathSync(root)] as const);
  return Object.fromEntries(links.filter(([root, real]) => root !== real));
}
