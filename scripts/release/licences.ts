import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LockedPackage } from "./lock.ts";

/** A package, and what its makers ask of those who pass it on. */
export interface LicensedPackage extends LockedPackage {
  /** An SPDX expression: `MIT`. */
  readonly licence: string;
  /** The text, where the package brings it. */
  readonly licenceText?: string;
}

/** Reads the licences of packages where they are installed. */
export function withLicences(
  packages: readonly LockedPackage[],
  modules: string,
): readonly LicensedPackage[] {
  return packages.map((one) => {
    const folder = join(modules, one.name);
    const manifest = existsSync(join(folder, "package.json"))
      ? (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest)
      : {};
    if (manifest.version !== one.version || typeof manifest.license !== "string") {
      const found = `${manifest.version ?? "none"}, licence ${manifest.license ?? "unknown"}`;
      throw new Error(
        `Cannot tell the licence of package "${one.name}": locked is ${one.version}, and installed ${found}`,
      );
    }
    const text = textIn(folder);
    const more = text === undefined ? {} : { licenceText: text };
    return { ...one, licence: manifest.license, ...more };
  });
}

/** The notices that go with the program: most licences ask for their text to be passed on. */
export function noticesText(packages: readonly LicensedPackage[]): string {
  const chapters = packages.map(({ name, version, licence, licenceText }) => {
    const text = licenceText ?? `The package says "${licence}" and brings no text of it.`;
    return `${"=".repeat(78)}\n${name} ${version} (${licence})\n\n${text.trim()}\n`;
  });
  return `tocsin holds these packages, each under the licence of its makers. Two of them are made of further works
that they list themselves: Bun (JavaScriptCore under the LGPL among them), and libSQL's addon.

${chapters.join("\n")}`;
}

interface Manifest {
  readonly version?: string;
  readonly license?: string;
}

function textIn(folder: string): string | undefined {
  const name = readdirSync(folder)
    .toSorted()
    .find((file) => /^(?:licen[cs]e|copying)(?:\.(?:md|txt))?$/i.test(file));
  return name === undefined ? undefined : readFileSync(join(folder, name), "utf8");
}
