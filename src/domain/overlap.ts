import type { OverlapPolicy } from "./flow.ts";

/** Policies that are understood so far; a config that asks for another is refused when it is read. */
export const OVERLAP_POLICIES: readonly OverlapPolicy[] = ["skip", "allow"];

/** Whether a new run may be made while another of the flow is open. */
export function mayOverlap(policy: OverlapPolicy): boolean {
  return policy === "allow";
}
