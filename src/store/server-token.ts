import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { StartRefused } from "../domain/start-refused.ts";
import { fileOf } from "./store-place.ts";

/**
 * The token that a server wants: from the environment, a file that the environment names, a systemd credential,
 * or the file `store-token` beside the working copy. Undefined where there is none: some servers want none.
 * Never a flag: those are seen by everybody on the machine.
 */
export function findServerToken(
  place: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const given = (env["TOCSIN_STORE_TOKEN"] ?? "").trim();
  if (given !== "") return given;
  const named = env["TOCSIN_STORE_TOKEN_FILE"] ?? "";
  if (named !== "") return tokenIn(named);
  const credentials = env["CREDENTIALS_DIRECTORY"] ?? "";
  const files = [
    ...(credentials === "" ? [] : [join(credentials, "tocsin-store-token")]),
    join(dirname(fileOf(place)), "store-token"),
  ];
  const file = files.find((one) => existsSync(one));
  return file === undefined ? undefined : tokenIn(file);
}

function tokenIn(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const refused = new StartRefused(`Cannot read the store's token from "${file}": ${why}`, 1);
    refused.cause = error;
    throw refused;
  }
  if (/^\S+$/.test(text)) return text;
  throw new StartRefused(`Cannot read the store's token from "${file}": it holds no token`, 1);
}
