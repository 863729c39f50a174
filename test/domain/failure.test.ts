import { describe, expect, test } from "bun:test";
import { type ErrorInfo, errorInfo } from "../../src/domain/failure.ts";

class DiskError extends Error {
  override readonly name = "DiskError";
}

describe("errorInfo()", () => {
  test("keeps name, message, stack and the chain of causes", () => {
    const info = errorInfo(new DiskError("no room", { cause: new TypeError("ENOSPC") }));

    expect(info).toMatchObject({ name: "DiskError", message: "no room" });
    expect(info.stack).toContain("failure.test.ts");
    expect(info.cause).toMatchObject({ name: "TypeError", message: "ENOSPC" });
    expect(info.cause?.cause).toBeUndefined();
  });

  test("follows a cause that is no error, and causes that go round in a circle", () => {
    const one = new Error("one");
    one.cause = new Error("two", { cause: one });

    expect(errorInfo(new Error("x", { cause: 7 })).cause?.message).toBe(
      "threw 7, which is not an Error",
    );
    expect(depthOf(errorInfo(one))).toBeLessThanOrEqual(9);
  });

  const THROWN: readonly (readonly [unknown, string])[] = [
    ["no room", 'threw "no room", which is not an Error'],
    [undefined, "threw undefined, which is not an Error"],
    [null, "threw null, which is not an Error"],
    [{ code: 3 }, 'threw {"code":3}, which is not an Error'],
    [Symbol("s"), "threw Symbol(s), which is not an Error"],
    [10n, "threw 10, which is not an Error"],
    [{ big: 10n }, "threw a value of type object, which is not an Error"],
  ];
  for (const [thrown, message] of THROWN) {
    test(`describes what is not an error: ${message}`, () => {
      expect(errorInfo(thrown)).toEqual({ name: "Thrown", message });
    });
  }

  test("bears an error whose fields throw when they are read", () => {
    const hostile = new Error("x");
    Object.defineProperty(hostile, "message", {
      get() {
        throw new Error("gotcha");
      },
    });

    expect(errorInfo(hostile)).toEqual({
      name: "Error",
      message: "an error whose fields cannot be read",
    });
  });

  test("cuts texts that are too long to keep, and says how long they were", () => {
    const { message } = errorInfo(new Error("x".repeat(100_000)));

    expect(message.length).toBeLessThan(17_000);
    expect(message).toEndWith("… (100000 characters)");
  });

  test("can be written as JSON", () => {
    const info = errorInfo(new Error("x", { cause: new Error("y") }));

    expect(JSON.parse(JSON.stringify(info))).toEqual(info);
  });
});

function depthOf({ cause }: ErrorInfo): number {
  return cause === undefined ? 1 : 1 + depthOf(cause);
}

test("errorInfo() leaves out the frames of the binary itself, and no others", () => {
  const error = new Error("oops!");
  error.stack = `Error: oops!
    at run (/home/ada/flows.config.ts:2:64)
    at run (node:async_hooks:144:29)
    at Qf (src/threads/task-body.ts:128:18)
    at <anonymous> (src/sdk/task.ts:42:25)
    at <anonymous> (/home/ada/src/threads/mine.ts:4:91)
    at async src/threads/run-thread.ts:100:11`;

  expect(errorInfo(error).stack?.split("\n")).toEqual([
    "Error: oops!",
    "    at run (/home/ada/flows.config.ts:2:64)",
    "    at <anonymous> (/home/ada/src/threads/mine.ts:4:91)",
  ]);
});
