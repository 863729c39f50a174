import { createInterface } from "node:readline/promises";
import type { Context } from "./context.ts";

/** Asks a person at a terminal; anything but a yes is a no. */
export async function askYes({ stderr }: Context, question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin });
  try {
    stderr.write(`${question} [y/N] `);
    const answer = await new Promise<string>((resolve) => {
      lines.once("line", resolve);
      lines.once("close", () => resolve(""));
    });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
