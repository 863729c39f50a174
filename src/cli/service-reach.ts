import { statSync } from "node:fs";
import { dirname } from "node:path";
import type { UnitParts } from "./service-unit.ts";

const OWN_TMP = /^(?:\/var)?\/tmp\//;
const READ_BY_ALL = 0o004;
const PASSED_BY_ALL = 0o001;

/** What a service would not come up for: a file that it does not see or may not read; undefined where all is well. */
export function outOfReach({ command, configPath, ofUser, runAs }: UnitParts): string | undefined {
  if (ofUser) return undefined;
  for (const path of [command[0] ?? "", configPath]) {
    if (OWN_TMP.test(path)) {
      return `The service has a /tmp of its own and will not see "${path}": put it elsewhere`;
    }
    if (runAs === undefined && !isOpenToAll(path)) {
      return `The service runs as a user of its own, who may not read "${path}": put it elsewhere, in /etc/tocsin say, or name a user with --run-as`;
    }
  }
  return undefined;
}

function isOpenToAll(path: string): boolean {
  if (!has(path, READ_BY_ALL)) return false;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (!has(folder, PASSED_BY_ALL)) return false;
    if (folder === dirname(folder)) return true;
  }
}

function has(path: string, mode: number): boolean {
  return ((statSync(path, { throwIfNoEntry: false })?.mode ?? mode) & mode) !== 0;
}
