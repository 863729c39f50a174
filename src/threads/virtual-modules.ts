import * as sdk from "../sdk/mod.ts";
import { SHIPPED_HOOKS } from "./generated/shipped-hooks.ts";
import type { VirtualModules } from "./platform.ts";

/** What user code can import of ours. "tocsin" is the very instance that this thread uses. */
export const VIRTUAL_MODULES: VirtualModules = { tocsin: () => sdk, ...SHIPPED_HOOKS };
