import { expect, test } from "bun:test";
import { outOfReach } from "../../src/cli/service-reach.ts";
import type { UnitParts } from "../../src/cli/service-unit.ts";

function partsWith(more: Partial<UnitParts>): UnitParts {
  return {
    command: ["/usr/bin/env"],
    configPath: "/etc/hostname",
    name: "tocsin",
    ofUser: false,
    ...more,
  };
}

test("a service reaches what everybody may read, and what its user owns", () => {
  expect(outOfReach(partsWith({}))).toBeUndefined();
  expect(
    outOfReach(partsWith({ runAs: "ada", configPath: "/home/ada/flows.config.ts" })),
  ).toBeUndefined();
});

test("a service does not see the /tmp of others, but one of a user's own manager does", () => {
  const inTmp = partsWith({ configPath: "/tmp/flows.config.ts", runAs: "ada" });

  expect(outOfReach(inTmp)).toBe(
    'The service has a /tmp of its own and will not see "/tmp/flows.config.ts": put it elsewhere',
  );
  expect(outOfReach({ ...inTmp, ofUser: true })).toBeUndefined();
});

test("a service with a user of its own does not read what others may not", () => {
  expect(outOfReach(partsWith({ configPath: "/etc/shadow" }))).toContain(
    'may not read "/etc/shadow"',
  );
});
