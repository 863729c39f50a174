import type { State } from "../../../src/domain/state.ts";
import { createApp } from "../../../src/http/app.ts";
import { memoryAccess, memoryTokens } from "./memory-access.ts";
import { COMPLETED, memoryDaemon, PAUSED } from "./memory-daemon.ts";
import { memoryStoreCare } from "./memory-store-care.ts";

/** Who asks: a program on the daemon's own machine. */
export const HERE = { peer: "127.0.0.1" };

/** The state that a run must be in before what an example asks for can be done. */
const BEFORE: Readonly<Record<string, State>> = { retry: COMPLETED, resume: PAUSED };

/** The API with what the examples of the document ask for: a run, a block, a token. */
export async function appForExample(path: string) {
  const daemon = memoryDaemon();
  await daemon.api.commands.trigger({ flow: "backup" });
  const block = { type: "string", name: "greeting", value: "hi", overwrite: true } as const;
  await daemon.api.blocks.save(block);
  const before = BEFORE[path.split("/").at(-1) ?? ""];
  if (before !== undefined) daemon.move(daemon.runs[0]?.id ?? "", before);
  return createApp({ ...daemon.api, storeCare: memoryStoreCare(), ...accessFor(path) });
}

/** Where tokens are asked about there is one, and programs on this machine need none. */
function accessFor(path: string) {
  if (!/^\/api\/(?:login|tokens)/.test(path)) return {};
  const tokens = memoryTokens({ name: "page", scope: "read" });
  return { access: memoryAccess({ tokens, loopback: "open" }) };
}
