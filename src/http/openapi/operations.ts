import { ACCESS_OPERATIONS, DAEMON_OPERATIONS, STORE_OPERATIONS } from "./daemon-operations.ts";
import { FLOW_OPERATIONS } from "./flow-operations.ts";
import { BLOCK_OPERATIONS, HOOK_OPERATIONS } from "./hook-operations.ts";
import type { Operation } from "./operation.ts";
import { PAGE_OPERATIONS } from "./page-operations.ts";
import { RUN_OPERATIONS } from "./run-operations.ts";

/** Everything that can be asked, in the order in which people read it. */
export const OPERATIONS: readonly Operation[] = [
  ...RUN_OPERATIONS,
  ...FLOW_OPERATIONS,
  ...HOOK_OPERATIONS,
  ...BLOCK_OPERATIONS,
  ...DAEMON_OPERATIONS,
  ...STORE_OPERATIONS,
  ...ACCESS_OPERATIONS,
  ...PAGE_OPERATIONS,
];
