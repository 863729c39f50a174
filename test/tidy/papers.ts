import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Glob } from "bun";

/** A text of the project: its path from the root, and what it says. */
export interface Paper {
  readonly path: string;
  readonly text: string;
}

const PLACES = ["*.{md,ts,json,toml}", "{src,hooks,config,test,bench,scripts,docs,.ci}/**/*"];

/** Every text of ours: sources, tests, papers. */
export async function readTexts(): Promise<readonly Paper[]> {
  const paths = await Promise.all(
    PLACES.map((place) => Array.fromAsync(new Glob(place).scan({ cwd: ".", dot: true }))),
  );
  const ours = paths
    .flat()
    .filter((path) => !path.includes("/generated/"))
    .toSorted();
  return await Promise.all(
    ours.map(async (path) => ({ path, text: await readFile(path, "utf8") })),
  );
}

/** Every Markdown file of ours. */
export async function readPapers(): Promise<readonly Paper[]> {
  return (await readTexts()).filter(({ path }) => path.endsWith(".md"));
}

/** Places that name a line of a source file: they rot. The user's own config is none of ours. */
export function lineNumbersIn({ path, text }: Paper): readonly string[] {
  const places = text.match(/[\w./-]+\.(?:[cm]?[jt]s|json|sql|toml):\d+/g) ?? [];
  return places
    .filter((place) => !place.includes("flows.config.ts:"))
    .map((it) => `${path}: ${it}`);
}

/** Relative links that lead nowhere. */
export function deadLinksIn({ path, text }: Paper): readonly string[] {
  const links = [...withoutCode(text).matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)];
  return links
    .map(([, link = ""]) => link.replace(/#.*$/, ""))
    .filter((link) => link !== "" && !/^[a-z]+:/.test(link))
    .filter((link) => !existsSync(join(dirname(path), decodeURI(link))))
    .map((link) => `${path}: ${link}`);
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
}

/**
 * Paths in backticks that do not exist. A path may begin at the root or in src/, and may leave `.ts` out:
 * `src/domain/run.ts`, `domain/run`.
 */
export function deadPathsIn({ path, text }: Paper): readonly string[] {
  const quoted = [...text.matchAll(/`([\w.-]+(?:\/[\w.-]+)*\/?)`/g)].map(([, name = ""]) => name);
  return quoted
    .filter(looksLikeOurs)
    .filter((name) => !candidates(name).some((candidate) => existsSync(candidate)))
    .map((name) => `${path}: ${name}`);
}

function looksLikeOurs(name: string): boolean {
  const [first = "", second] = name.split("/");
  if (second === undefined) return /\.(?:md|ts|mjs|json|toml)$/.test(name);
  return existsSync(first) || existsSync(join("src", first));
}

function candidates(name: string): readonly string[] {
  return [name, `${name}.ts`].flatMap((file) => [file, join("src", file)]);
}

/** Marks that may not be merged: a FIXME, and a TODO that names no issue. */
export function openMarksIn({ path, text }: Paper): readonly string[] {
  const marks = text.match(/\bFIXME\b|\bTODO\b(?!\(#\d+\))/g) ?? [];
  return marks.map((mark) => `${path}: ${mark}`);
}
