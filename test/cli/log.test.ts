import { expect, test } from "bun:test";
import { createLog, type LogSettings } from "../../src/log.ts";

const now = () => new Date("2026-01-31T12:00:00Z");

function logged(settings: Partial<LogSettings>) {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  const log = createLog({ format: "json", level: "info", write, now, ...settings });
  return { log, lines };
}

test("JSON lines hold the fields, an error with its cause, and survive what JSON cannot hold", () => {
  const { log, lines } = logged({});
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;

  log.info("started", { port: 1, big: 2n });
  log.error("failed", { error: new Error("outer", { cause: new Error("inner") }) });
  log.warn("odd", { circle });

  expect(JSON.parse(lines[0] ?? "")).toEqual({
    time: "2026-01-31T12:00:00.000Z",
    level: "info",
    message: "started",
    port: 1,
    big: "2",
  });
  expect(JSON.parse(lines[1] ?? "").error.cause.message).toBe("inner");
  expect(lines).toHaveLength(3);
});

test("lines below the level are dropped", () => {
  const { log, lines } = logged({ level: "warn" });

  log.debug("a");
  log.info("b");
  log.warn("c");

  expect(lines).toHaveLength(1);
});

test("pretty lines show fields, and make control characters visible", () => {
  const { log, lines } = logged({ format: "pretty" });

  log.info("said \u001b[2J", { flow: "x", skipped: undefined });

  expect(lines[0]).toEndWith(" info  said \\u001b[2J  flow=x\n");
});
