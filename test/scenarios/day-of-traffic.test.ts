import { expect, test } from "bun:test";
import { join } from "node:path";
import type { HourSample } from "../fixtures/day/main.ts";

const MAIN = join(import.meta.dir, "../fixtures/day/main.ts");
/** A whole day is run by hand: `bun test/fixtures/day/main.ts 24 10000`. */
const HOURS = 8;
const STEP_MS = 10_000;
const SLOW = 600_000;
/** What data and closures are made of; what code is made of comes and goes as it is compiled. */
const TYPES = ["Object", "Array", "string", "Map", "Set", "Promise", "JSLexicalEnvironment"];

test(
  "hours of traffic on a virtual clock leave nothing behind in memory",
  async () => {
    const child = Bun.spawn([process.execPath, MAIN, String(HOURS), String(STEP_MS)], {
      stdout: "pipe",
      stderr: "inherit",
    });
    const lines = (await new Response(child.stdout).text()).trim().split("\n");
    const hours = lines.map((line) => JSON.parse(line) as HourSample);

    expect(hours).toHaveLength(HOURS);
    const early = hours.slice(HOURS / 4, HOURS / 2);
    const late = hours.slice(-HOURS / 4);
    const least = (of: readonly HourSample[], figure: (hour: HourSample) => number) =>
      Math.min(...of.map(figure));
    const happened = (late.at(-1)?.runs ?? 0) - (early[0]?.runs ?? 0);
    // As much went as came: an object kept for every fourth run would be seen.
    expect(happened).toBeGreaterThan(1_000);
    expect(late.at(-1)?.kept).toBeLessThan(500);
    for (const type of TYPES) {
      const count = ({ types }: HourSample) => types[type] ?? 0;
      expect([type, least(late, count) - least(early, count) < happened / 4]).toEqual([type, true]);
    }
    expect(least(late, ({ types }) => types["Timeout"] ?? 0)).toBeLessThan(40);
    expect(least(late, ({ heapMb }) => heapMb)).toBeLessThan(
      least(early, ({ heapMb }) => heapMb) * 1.2,
    );
    expect(least(late, ({ rssMb }) => rssMb)).toBeLessThan(
      least(early, ({ rssMb }) => rssMb) * 1.5,
    );
  },
  SLOW,
);
