import type { StandardIssue } from "../sdk/standard-schema.ts";

/** What is wrong with a value, for people. `noun` is what a field of it is called: `parameter "day": …`. */
export function issuesText(issues: readonly StandardIssue[], noun: string): string {
  return issues.map((issue) => issueText(issue, noun)).join("; ");
}

function issueText({ message, path }: StandardIssue, noun: string): string {
  const keys = (path ?? []).map((part) => (typeof part === "object" ? part.key : part));
  return keys.length === 0
    ? `${noun}s: ${message}`
    : `${noun} "${keys.map(String).join(".")}": ${message}`;
}
