import * as sdk from "../sdk/mod.ts";
import type { VirtualModules } from "./platform.ts";

/** What user code can import of ours. "tocsin" is the very instance that this thread uses. */
export const VIRTUAL_MODULES: VirtualModules = {
  tocsin: () => sdk,
  "tocsin/hooks/slack": () => import("../../hooks/slack.ts"),
  "tocsin/hooks/webhook": () => import("../../hooks/webhook.ts"),
  "tocsin/hooks/command": () => import("../../hooks/command.ts"),
};
