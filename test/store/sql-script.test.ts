import { expect, test } from "bun:test";
import { statementsIn } from "../../src/store/sql-script.ts";

test("a script falls into its statements, triggers whole", () => {
  const one = "CREATE TABLE a (b TEXT, c TEXT) STRICT";
  const two = "CREATE TRIGGER d AFTER INSERT ON a BEGIN\n  DELETE FROM a;\n  DELETE FROM a;\nEND";

  expect(statementsIn(`\n${one};\n\n${two};\n${one};`)).toEqual([one, two, one]);
});
