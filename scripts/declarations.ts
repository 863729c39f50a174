import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import manifest from "../package.json" with { type: "json" };

/** Where the types are kept, as a text that the daemon embeds and writes beside a config. */
export const DECLARATIONS_PATH = "src/cli/generated/tocsin.d.ts.txt";

const SDK = "src/sdk/mod.ts";
const VALIBOT = "node_modules/valibot/dist/index.d.mts";

/** Modules that a config does not import by name, and that the public ones are made of. */
const INTERNAL = "tocsin/internal";

/**
 * The declarations of "tocsin" and of each shipped hook as one text that needs neither a tsconfig nor
 * node_modules: each of our files is an ambient module, and so is valibot.
 */
export function declarationsOf(root: string): string {
  const hooks = readdirSync(join(root, "hooks")).filter((name) => name.endsWith(".ts"));
  const entries = [SDK, ...hooks.toSorted().map((name) => `hooks/${name}`)];
  const emitted = emitDeclarations(root, entries);
  try {
    const modules = reachable(entries, (file) => moduleOf(file, emitted)).map(ambient);
    const valibot = ambient({
      name: `${INTERNAL}/valibot`,
      body: withoutTags(readFileSync(join(root, VALIBOT), "utf8")),
    });
    return `${[header(), ...modules, valibot].join("\n")}\n`;
  } finally {
    rmSync(emitted, { recursive: true, force: true });
  }
}

interface AmbientModule {
  readonly name: string;
  readonly body: string;
}

interface EmittedModule extends AmbientModule {
  /** Files of ours that it imports. */
  readonly imports: readonly string[];
}

/** What configs use of their runtime. It merges with the declarations of Node, Bun and Deno where those are. */
const RUNTIME = `/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

declare namespace NodeJS {
  interface ProcessEnv {
    [key: string]: string | undefined;
  }
  interface Process {
    env: ProcessEnv;
    exit(code?: number | string | null): never;
  }
}
declare var process: NodeJS.Process;
`;

/** The first line names the version, so that a daemon of another one knows to write the file anew. */
function header(): string {
  return `// The types of tocsin ${manifest.version}. Written by tocsin; changes are lost.\n${RUNTIME}`;
}

/** Has the compiler write the declarations of the files and of all they import; answers the folder. */
function emitDeclarations(root: string, files: readonly string[]): string {
  const cache = join(root, "node_modules", ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "tocsin-types-"));
  const project = join(folder, "tsconfig.json");
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    stripInternal: true,
    rootDir: root,
    outDir: folder,
  };
  const extending = relative(folder, join(root, "tsconfig.json"));
  const named = files.map((file) => join(root, file));
  writeFileSync(
    project,
    JSON.stringify({ extends: extending, compilerOptions, include: [], files: named }),
  );
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", project], {
    cwd: root,
    encoding: "utf8",
  });
  if (status === 0) return folder;
  rmSync(folder, { recursive: true, force: true });
  throw new Error(`Cannot write the declarations of "${SDK}": tsc answered ${status}\n${stdout}`);
}

/** The modules that the entries are made of, entries first, each once, in an order that stays. */
function reachable(
  entries: readonly string[],
  read: (file: string) => EmittedModule,
): readonly EmittedModule[] {
  const modules = new Map<string, EmittedModule>();
  const waiting = [...entries];
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    if (modules.has(file)) continue;
    const module = read(file);
    modules.set(file, module);
    waiting.push(...module.imports);
  }
  return [...modules.values()];
}

function moduleOf(file: string, emitted: string): EmittedModule {
  const imports: string[] = [];
  const source = readFileSync(join(emitted, file.replace(/\.ts$/, ".d.ts")), "utf8");
  const body = source.replace(
    /(\bfrom |\bimport\(|^\s*import )"([^"]+)"/gm,
    (_, before: string, specifier: string) => {
      if (specifier === "valibot") return `${before}"${INTERNAL}/valibot"`;
      const target = targetOf(file, specifier);
      imports.push(target);
      return `${before}"${nameOf(target)}"`;
    },
  );
  return { name: nameOf(file), body, imports };
}

function targetOf(file: string, specifier: string): string {
  if (specifier === "tocsin") return SDK;
  if (specifier.startsWith(".")) return normalize(join(dirname(file), specifier));
  throw new Error(
    `Cannot declare "${file}": its types name "${specifier}", which a config without node_modules does not have`,
  );
}

function nameOf(file: string): string {
  if (file === SDK) return "tocsin";
  const [, hook] = /^hooks\/([^/]+)\.ts$/.exec(file) ?? [];
  if (hook !== undefined) return `tocsin/hooks/${hook}`;
  return `${INTERNAL}/${file.replace(/^src\//, "").replace(/\.ts$/, "")}`;
}

function ambient({ name, body }: AmbientModule): string {
  const inside = body.replace(/^(\s*)(export )?declare /gm, "$1$2").trim();
  return `declare module "${name}" {\n${inside}\n}\n`;
}

/** Leaves the sentences of valibot's comments and drops the rest, which is a quarter of its text. */
function withoutTags(source: string): string {
  return source
    .replace(/^\/\/#(?:end)?region.*\n/gm, "")
    .replace(/^ *\* @(?:param|returns)\b.*\n(?: *\* {2,}.*\n)*/gm, "")
    .replace(/(?:^ *\*\n)+( *\*\/)/gm, "$1");
}
