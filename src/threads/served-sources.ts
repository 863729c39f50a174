import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname } from "node:path";
import { runInThisContext } from "node:vm";
import type { SourceFile, Sources } from "../domain/flow.ts";
import { type LoadedModule, serveFiles, transpiled } from "./platform.ts";

/**
 * Has the files of an accepted config loaded as they were then. CommonJS is the exception: Bun evaluates
 * none that a plugin gives it (oven-sh/bun#39786), so such files come from disk while all of them are
 * unchanged there, and are evaluated here when one is not.
 */
export function serveSources({ files }: Sources): void {
  const all = Object.entries(files);
  const common = all.filter(([, { kind }]) => kind === "commonjs");
  const others = all.filter(([, { kind }]) => kind !== "commonjs");
  const served = new Map(common.some(isChanged) ? all : others);
  const requires = commonJs(served);
  serveFiles([...served.keys()], (path) => {
    const file = served.get(path);
    if (file === undefined) throw new Error(`Cannot load "${path}": it is not among the sources`);
    return loaded(path, file, requires);
  });
}

function isChanged([path, { text }]: readonly [string, SourceFile]): boolean {
  try {
    return readFileSync(path, "utf8") !== text;
  } catch {
    return true;
  }
}

function loaded(path: string, { kind, text }: SourceFile, requires: Requires): LoadedModule {
  switch (kind) {
    case "module":
      return { contents: text, loader: loaderOf(path) };
    case "json":
      // Bun evaluates JSON that a plugin gives it as code (oven-sh/bun#39057).
      return exporting(JSON.parse(text));
    case "text":
      return { exports: { default: text }, loader: "object" };
    case "commonjs":
      return exporting(requires(path));
  }
}

/** A module that is `value`, for `import` and for `require()`. */
function exporting(value: unknown): LoadedModule {
  const named = Array.isArray(value) ? {} : Object(value);
  return { exports: { ...named, default: value, "module.exports": value }, loader: "object" };
}

function loaderOf(path: string): "ts" | "tsx" | "js" | "jsx" {
  const [, letter, x] = /([jt])s(x?)$/.exec(extname(path)) ?? [];
  if (letter === "t") return x === "x" ? "tsx" : "ts";
  return x === "x" ? "jsx" : "js";
}

/** Evaluates a CommonJS file once, and answers its exports; those that there are by now, in a circle. */
type Requires = (path: string) => unknown;

interface CommonModule {
  exports: unknown;
}

function commonJs(files: ReadonlyMap<string, SourceFile>): Requires {
  const modules = new Map<string, CommonModule>();
  const requires: Requires = (path) => {
    const known = modules.get(path);
    if (known !== undefined) return known.exports;
    const module: CommonModule = { exports: {} };
    modules.set(path, module);
    const body = bodyOf(path, files.get(path)?.text ?? "");
    body.call(module.exports, module.exports, requireIn(path), module, path, dirname(path));
    return module.exports;
  };
  const requireIn = (path: string) => {
    const real = createRequire(path);
    const own = (specifier: string): unknown => {
      const found = real.resolve(specifier);
      return files.get(found)?.kind === "commonjs" ? requires(found) : real(specifier);
    };
    return Object.assign(own, { resolve: real.resolve, cache: real.cache });
  };
  return requires;
}

type Body = (...parts: readonly unknown[]) => void;

function bodyOf(path: string, text: string): Body {
  const loader = loaderOf(path);
  const code = loader === "js" ? text : transpiled(text, loader);
  // On the first line, so that positions in the stack stay those of the file.
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${code}\n})`;
  const body: unknown = runInThisContext(wrapped, { filename: path });
  return body as Body;
}
