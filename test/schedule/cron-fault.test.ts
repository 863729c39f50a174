import { expect, test } from "bun:test";
import { Cron } from "croner";
import fc from "fast-check";
import { cronFault } from "../../src/schedule/cron-fault.ts";

/** Good and bad fields, at any place. */
const FIELD = fc.constantFrom(
  ...[
    "*",
    "0",
    "5",
    "7",
    "12",
    "23",
    "31",
    "59",
    "60",
    "*/5",
    "*/61",
    "1-5",
    "5-1",
    "1-5/2",
    "3/2",
  ],
  ...["1,2,3", "1,,2", "L", "LW", "15W", "5L", "MON#2", "MON-FRI", "+1", "jan", "?", "H", "-", "x"],
);
const EXPRESSIONS = fc.array(FIELD, { minLength: 5, maxLength: 6 }).map((list) => list.join(" "));

test("an expression of fields that were seen before is taken or refused as croner does", () => {
  const property = fc.property(EXPRESSIONS, (expression) => {
    const fault = cronFault(expression);

    expect(fault === undefined || fault === "it is never due").toBe(cronerTakes(expression));
    expect(cronFault(expression)).toBe(fault);
  });

  fc.assert(property, { numRuns: 20_000 });
});

test("what is wrong is said of the expression as it stands, though other expressions were good", () => {
  const good = ["0 2 * * *", "30 0 2 * * *", "61 2 * * *", "0 2 31 * *", "0 2 * 2 *"].map(
    cronFault,
  );

  expect(good).toEqual([
    ...[undefined, undefined, 'minute "61": 61 is not a number from 0 to 59', undefined, undefined],
  ]);
  expect(cronFault("0 2 31 2 *")).toBe("it is never due");
  expect(cronFault("30 2 * * * *")).toBeUndefined();
  expect(cronFault("30 0 32 * *")).toBe('day of month "32": 32 is not a number from 1 to 31');
});

test("ten thousand patterns and more are read each for itself", () => {
  const faults = Array.from({ length: 12_000 }, (_, no) =>
    cronFault(`${no % 60} ${Math.floor(no / 60) % 60} ${Math.floor(no / 3_600)} * * *`),
  );

  expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
});

function cronerTakes(expression: string): boolean {
  try {
    new Cron(expression, { mode: "5-or-6-parts", utcOffset: 0 });
    return true;
  } catch {
    return false;
  }
}
