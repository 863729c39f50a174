import { describe, expect, test } from "bun:test";
import { Cron } from "croner";
import fc from "fast-check";
import { cronFault } from "../../src/schedule/cron-fault.ts";
import { fieldFault } from "../../src/schedule/field-fault.ts";

const NO_MONTH = "nor one of JAN, FEB, MAR, APR, MAY, JUN, JUL, AUG, SEP, OCT, NOV, DEC";
const NO_WEEKDAY = "nor one of SUN, MON, TUE, WED, THU, FRI, SAT";
const ALONE = "L is the last day of the month and stands alone, or as LW";
const NTH = "# is followed by a number from 1 to 5, such as MON#2 for the second Monday of a month";
const TWO = "the range ends before it begins; write it as two,";
const FORMS = "a value, a range such as 1-5, a list such as 1,3, or a step such as */5";

const FAULTS: readonly [cron: string, fault: string][] = [
  ["60 * * * *", 'minute "60": 60 is not a number from 0 to 59'],
  ["61 0 * * * *", 'second "61": 61 is not a number from 0 to 59'],
  ["0 24 * * *", 'hour "24": 24 is not a number from 0 to 23'],
  ["0 0 1-32 * *", 'day of month "1-32": 32 is not a number from 1 to 31'],
  ["0 0 * 13 *", `month "13": 13 is neither a number from 1 to 12 ${NO_MONTH}`],
  ["0 0 * JUNE *", `month "JUNE": JUNE is neither a number from 1 to 12 ${NO_MONTH}`],
  ["0 0 * * 8", `weekday "8": 8 is neither a number from 0 to 7 ${NO_WEEKDAY}`],
  ["0 0 * * monday", `weekday "monday": monday is neither a number from 0 to 7 ${NO_WEEKDAY}`],
  ["0 0 32W * *", 'day of month "32W": 32 is not a number from 1 to 31'],
  ["0 0 W * *", 'day of month "W": W follows one day, such as 15W, or L'],
  ["0 0 1-5W * *", 'day of month "1-5W": W follows one day, such as 15W, or L'],
  ["0 0 L-3 * *", `day of month "L-3": ${ALONE}`],
  ["0 0 5L * *", `day of month "5L": ${ALONE}`],
  ["0 0 * * L", 'weekday "L": L follows a weekday, such as FRIL for the last Friday of a month'],
  ["0 0 * * MON#6", `weekday "MON#6": ${NTH}`],
  ["0 0 * * MON#", `weekday "MON#": ${NTH}`],
  ["0 22-2 * * *", `hour "22-2": ${TWO} 22-23,0-2`],
  ["0 0 * * FRI-MON", `weekday "FRI-MON": ${TWO} FRI-SAT,SUN-MON`],
  ["0 0 * * 6-1", `weekday "6-1": ${TWO} 6,0-1`],
  ["0 0 * NOV-JAN *", `month "NOV-JAN": ${TWO} NOV-DEC,JAN`],
  ["*/0 * * * *", 'minute "*/0": a step of 0 leads nowhere'],
  ["*/70 * * * *", 'minute "*/70": a step is at most 60'],
  ["5/15 * * * *", 'minute "5/15": a step needs a range: 5-59/15, or */15'],
  ["-1 * * * *", `minute "-1": "-1" is not ${FORMS}`],
  ["*/ * * * *", `minute "*/": "*/" is not ${FORMS}`],
  ["1,,2 * * * *", 'minute "1,,2": a comma stands between two values, without spaces'],
  ["1, 2 * * * *", 'second "1,": a comma stands between two values, without spaces'],
];

describe("what is wrong with a cron expression", () => {
  for (const [cron, fault] of FAULTS) {
    test(`is told for "${cron}"`, () => {
      expect(cronFault(cron)).toBe(fault);
    });
  }

  test("is told of an interval as other schedulers write it", () => {
    expect(cronFault("@every 5m")).toEndWith('; an interval is { every: "5m" }');
  });

  const PIECE = fc.constantFrom(
    ..."* ? 0 1 5 7 12 23 24 31 32 59 60 61 L W # - / , + MON JAN fri x -5 1-5 /2 /0".split(" "),
  );
  const FIELD = fc.oneof(
    fc.constant("*"),
    fc.array(PIECE, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join("")),
  );

  test("is found by us wherever croner finds something, and nowhere else", () => {
    const property = fc.property(fc.array(FIELD, { minLength: 5, maxLength: 6 }), (fields) => {
      expect(fieldFault(fields) === undefined).toBe(cronerTakes(fields.join(" ")));
    });

    fc.assert(property, { numRuns: 20_000 });
  });
});

function cronerTakes(expression: string): boolean {
  try {
    new Cron(expression, { mode: "5-or-6-parts", utcOffset: 0 });
    return true;
  } catch {
    return false;
  }
}
