import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { environmentName, SETTING_NAMES } from "../../config/settings.ts";

test("docs/operations.md lists exactly the settings there are, with their variables", async () => {
  const paper = await readFile("docs/operations.md", "utf8");
  const rows = [...paper.matchAll(/^\| `(\w+)` +\| `(\w+)` +\|/gm)];
  const listed = rows.map(([, name, variable]) => `${name} ${variable}`);

  expect(listed).toEqual(SETTING_NAMES.map((name) => `${name} ${environmentName(name)}`));
});
