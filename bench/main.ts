import { parseArgs } from "node:util";
import { benchBulk, benchSingle } from "./a-durable-runs.ts";
import { benchLateness } from "./b-start-lateness.ts";
import { benchSchedules } from "./d-many-schedules.ts";
import { benchHistory } from "./e-million-runs.ts";
import { benchStart } from "./f-start-and-idle.ts";
import { benchDeliveries } from "./g-deliveries.ts";
import { benchPage } from "./h-page.ts";

/** `d --schedules 100000` tries so many instead of ten thousand, once; `e --runs 100000` keeps so many. */
const { values, positionals: asked } = parseArgs({
  options: { schedules: { type: "string" }, runs: { type: "string" } },
  allowPositionals: true,
});
const schedules = values.schedules === undefined ? {} : { schedules: Number(values.schedules) };
const runs = values.runs === undefined ? {} : { runs: Number(values.runs) };

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  a1: benchBulk,
  a2: benchSingle,
  b: benchLateness,
  d: () => benchSchedules(schedules),
  e: () => benchHistory(runs),
  f: benchStart,
  g: benchDeliveries,
  h: benchPage,
};

const unknown = asked.filter((letter) => !(letter in BENCHES));
if (unknown.length > 0) {
  console.error(`Cannot run bench "${unknown[0]}": there are ${Object.keys(BENCHES).join(", ")}`);
  process.exit(2);
}
for (const [letter, bench] of Object.entries(BENCHES)) {
  if (asked.length === 0 || asked.includes(letter)) await bench();
}
