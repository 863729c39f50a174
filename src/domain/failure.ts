/** What is known of an error: kept with a state, shown to people, handed to hooks. */
export interface ErrorInfo {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: ErrorInfo;
}

const CAUSES_MAX = 8;
const TEXT_MAX = 16_384;

/** Describes anything that was thrown, an error or not; never throws itself. */
export function errorInfo(thrown: unknown, depth = 0): ErrorInfo {
  if (!(thrown instanceof Error)) {
    return { name: "Thrown", message: `threw ${describe(thrown)}, which is not an Error` };
  }
  const { name, message, stack, cause } = safeFields(thrown);
  return {
    name,
    message,
    ...(stack === undefined ? {} : { stack }),
    ...(cause === undefined || depth >= CAUSES_MAX ? {} : { cause: errorInfo(cause, depth + 1) }),
  };
}

function safeFields(error: Error): {
  name: string;
  message: string;
  stack?: string;
  cause?: unknown;
} {
  try {
    const stack = typeof error.stack === "string" ? cut(withoutOwnFrames(error.stack)) : undefined;
    return {
      name: cut(String(error.name)),
      message: cut(String(error.message)),
      ...(stack === undefined ? {} : { stack }),
      cause: error.cause,
    };
  } catch {
    return { name: "Error", message: "an error whose fields cannot be read" };
  }
}

/**
 * Frames of the binary's own code, which has no absolute paths, and of what carries a run's scope along:
 * they say nothing to the people who wrote the flow.
 */
const OWN_FRAME =
  /^\s+at (?:async )?(?:.*\()?(?:src\/(?:threads|sdk|domain)\/|node:async_hooks)[^)]*\)?$/;

function withoutOwnFrames(stack: string): string {
  return stack
    .split("\n")
    .filter((line) => !OWN_FRAME.test(line))
    .join("\n");
}

function describe(value: unknown): string {
  try {
    if (typeof value === "string") return JSON.stringify(cut(value));
    if (typeof value === "object" && value !== null)
      return cut(JSON.stringify(value) ?? "an object");
    return String(value);
  } catch {
    return `a value of type ${typeof value}`;
  }
}

function cut(text: string): string {
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}… (${text.length} characters)`;
}
