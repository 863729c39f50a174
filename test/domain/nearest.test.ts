import { expect, test } from "bun:test";
import { nearest } from "../../src/domain/nearest.ts";

test("two letters that changed places are one slip", () => {
  expect(nearest("nmae", ["name", "tags", "timeout"])).toBe("name");
  expect(nearest("trigegr", ["trigger", "serve"])).toBe("trigger");
  expect(nearest("ab", ["ba"])).toBe("ba");
});

test("a letter too many, too few or another one is one slip, and capitals are none", () => {
  expect(nearest("retris", ["retries", "tags"])).toBe("retries");
  expect(nearest("scheduel", ["schedule"])).toBe("schedule");
  expect(nearest("BACKUP", ["backup"])).toBe("backup");
});

test("of several the nearest is meant, and none where none is near", () => {
  expect(nearest("backup", ["backups", "backup-db"])).toBe("backups");
  expect(nearest("xyz", ["name", "tags"])).toBeUndefined();
  expect(nearest("", ["name"])).toBeUndefined();
  expect(nearest("x".repeat(101), ["x"])).toBeUndefined();
});
