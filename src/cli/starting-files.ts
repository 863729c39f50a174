import { TYPES, TYPES_PATH } from "./config-types.ts";
import audit from "./templates/audit.ts.txt" with { type: "text" };
import deno from "./templates/deno.json.txt" with { type: "text" };
import flows from "./templates/flows.config.ts.txt" with { type: "text" };
import gitignore from "./templates/gitignore.txt" with { type: "text" };
import tsconfig from "./templates/tsconfig.json.txt" with { type: "text" };

/** What `tocsin init` writes: path in the new directory, and text. */
export const STARTING_FILES: Readonly<Record<string, string>> = {
  "flows.config.ts": flows,
  "hooks/audit.ts": audit,
  [TYPES_PATH]: TYPES,
  "tsconfig.json": tsconfig,
  "deno.json": deno,
  ".gitignore": gitignore,
};
