import { expect, test } from "bun:test";

/** What tests are skipped without. */
const PROGRAMS = ["bash", "dpkg-deb", "fish", "script", "strace", "zsh"];

test.skipIf(process.env["ALL_TESTS"] !== "all")("no test is skipped for want of a program", () => {
  expect(PROGRAMS.filter((program) => Bun.which(program) === null)).toEqual([]);
});
