import type { ErrorInfo } from "./failure.ts";

/** An error for people: its stack where it has one, and below it those of its causes, outermost first. */
export function errorText({ name, message, stack, cause }: ErrorInfo): string {
  const head = `${name}: ${message}`;
  const own = stack === undefined || stack === "" ? head : withHead(stack, { message, head });
  return cause === undefined ? own : `${own}\ncaused by ${errorText(cause)}`;
}

/** Some engines leave name and message out of a stack, and a stack does not follow a message that was changed. */
function withHead(stack: string, { message, head }: { message: string; head: string }): string {
  return stack.includes(message) ? stack : `${head}\n${stack}`;
}
