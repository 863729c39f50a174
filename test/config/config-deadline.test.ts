import { expect, test } from "bun:test";
import { firstDeadlineMs, requireConfig } from "../../src/daemon-config.ts";
import { configDir } from "../threads/support/config-dir.ts";

test("a config that is read for the first time may take as long as the environment says", async () => {
  const configPath = configDir("await new Promise(() => setInterval(() => {}, 1_000));");
  const env = { TOCSIN_CONFIG_DEADLINE: "200ms" };

  const read = requireConfig({ configPath, flags: {}, env });

  await expect(read).rejects.toThrow("it did not come to an end within 200ms");
});

test("a flag goes before the environment, and a default is there without both", () => {
  const env = { TOCSIN_CONFIG_DEADLINE: "20s" };

  expect(firstDeadlineMs({ flags: { configDeadline: "30s" }, env })).toBe(30_000);
  expect(firstDeadlineMs({ flags: {}, env })).toBe(20_000);
  expect(firstDeadlineMs({ flags: {}, env: {} })).toBe(10_000);
});

test("a setting that is wrong is left to be said with all others", () => {
  expect(firstDeadlineMs({ flags: {}, env: { TOCSIN_THREADS: "none" } })).toBeUndefined();
});
