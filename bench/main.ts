import { benchBulk, benchSingle } from "./a-durable-runs.ts";
import { benchLateness } from "./b-start-lateness.ts";
import { benchSchedules } from "./d-many-schedules.ts";
import { benchStart } from "./f-start-and-idle.ts";
import { benchDeliveries } from "./g-deliveries.ts";
import { benchPage } from "./h-page.ts";

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  a1: benchBulk,
  a2: benchSingle,
  b: benchLateness,
  d: benchSchedules,
  f: benchStart,
  g: benchDeliveries,
  h: benchPage,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((letter) => !(letter in BENCHES));
if (unknown.length > 0) {
  console.error(`Cannot run bench "${unknown[0]}": there are ${Object.keys(BENCHES).join(", ")}`);
  process.exit(2);
}
for (const [letter, bench] of Object.entries(BENCHES)) {
  if (asked.length === 0 || asked.includes(letter)) await bench();
}
