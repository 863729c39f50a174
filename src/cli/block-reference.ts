import { CliFailure, EXIT } from "./failure.ts";

export interface BlockReference {
  readonly type: string;
  readonly name: string;
}

/** Reads `TYPE/NAME`. */
export function blockReference(text: string | undefined): BlockReference {
  const [type = "", name = "", ...rest] = (text ?? "").split("/");
  if (type !== "" && name !== "" && rest.length === 0) return { type, name };
  throw new CliFailure(
    `Cannot read block "${text}": expected TYPE/NAME, such as slack-webhook/on-call`,
    EXIT.usage,
  );
}
