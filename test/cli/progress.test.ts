import { expect, test } from "bun:test";
import type { Context } from "../../src/cli/context.ts";
import { createPrinter } from "../../src/cli/printer.ts";
import { createProgress } from "../../src/cli/progress.ts";

function progressOn(isTTY: boolean, quiet = false) {
  let text = "";
  const sink = {
    isTTY,
    write(more: string) {
      text += more;
    },
  };
  const context: Context = {
    stdout: sink,
    stderr: sink,
    env: {},
    readStdin: async () => "",
    stdinIsTTY: isTTY,
    now: () => new Date(),
    exitCode: 0,
  };
  const globals = { server: "", color: "auto", input: true, quiet } as const;
  const printer = createPrinter(context, globals);
  const none = () => Promise.reject(new Error("nobody is asked"));
  const session = {
    context,
    globals,
    printer,
    args: [],
    isServerGiven: false,
    api: none,
    way: none,
  };
  return { progress: createProgress(session), written: () => text };
}

test("progress is one line of a terminal, and gone at the end", () => {
  const { progress, written } = progressOn(true);

  progress.show("1 of 3");
  progress.show("2 of 3, at once: too soon to be read");
  progress.end();

  expect(written()).toBe("\r\u001b[K1 of 3\r\u001b[K");
});

test("off a terminal, and when asked to be quiet, there is none", () => {
  for (const { progress, written } of [progressOn(false), progressOn(true, true)]) {
    progress.show("1 of 3");
    progress.end();

    expect(written()).toBe("");
  }
});
