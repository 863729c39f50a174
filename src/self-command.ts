import { fileURLToPath } from "node:url";
import type { SelfCommand } from "./store/admit-file.ts";

/** How to run this same program again: the compiled binary, or the runtime with main.ts. */
export function selfCommand(): SelfCommand {
  if (import.meta.url.includes("$bunfs")) return [process.execPath];
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  return "Deno" in globalThis ? [process.execPath, "run", "-A", main] : [process.execPath, main];
}
