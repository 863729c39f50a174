import { expect, test } from "bun:test";
import { ledgerLimit } from "../../bench/limits/ledger.ts";

test("the raw limit can be measured on today's tables", () => {
  expect(ledgerLimit(10, 50)).toBeGreaterThan(0);
});
