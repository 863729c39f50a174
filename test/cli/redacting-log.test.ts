import { expect, test } from "bun:test";
import { createRedactor } from "../../src/domain/redaction.ts";
import { createLog } from "../../src/log.ts";
import { redactingLog } from "../../src/redact-entry.ts";

function logged() {
  const lines: string[] = [];
  const redactor = createRedactor();
  redactor.learn("secret/token", "canary-1");
  const plain = createLog({ format: "json", level: "info", write: (line) => lines.push(line) });
  return { lines, log: redactingLog(plain, redactor) };
}

test("messages and fields are redacted, errors and their causes too", () => {
  const { lines, log } = logged();
  const error = new Error("no canary-1", { cause: { canary: "canary-1" } });

  log.warn("it is canary-1", { error, count: 5n, list: ["canary-1"] });

  const [line = ""] = lines;
  expect(line).not.toContain("canary-1");
  expect(JSON.parse(line)).toMatchObject({
    level: "warn",
    message: "it is ‹redacted›",
    count: "5",
    list: ["‹redacted›"],
    error: { name: "Error", message: "no ‹redacted›", cause: { canary: "‹redacted›" } },
  });
});

test("fields without secrets stay as they are, and those that JSON cannot hold are left out", () => {
  const { lines, log } = logged();
  const circle: Record<string, unknown> = { canary: "canary-1" };
  circle["self"] = circle;

  log.info("fine", { flow: "report" });
  log.error("odd", { circle });
  log.info("nothing");

  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { message: "fine", flow: "report" },
    { message: "odd", unprintable: true },
    { message: "nothing" },
  ]);
});
