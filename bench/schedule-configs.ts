import { join } from "node:path";

/** How schedules are spread over flows. */
export interface Shape {
  readonly name: string;
  readonly flows: number;
  readonly schedulesPerFlow: number;
}

export const MANY_FLOWS: Shape = { name: "10,000 flows", flows: 10_000, schedulesPerFlow: 1 };
export const MANY_PER_FLOW: Shape = { name: "100 flows × 100", flows: 100, schedulesPerFlow: 100 };

/** So many schedules, a hundred in each flow. */
export function hundredsOf(schedules: number): Shape {
  const flows = Math.ceil(schedules / 100);
  return { name: `${flows.toLocaleString("en")} flows × 100`, flows, schedulesPerFlow: 100 };
}

export function schedulesOf({ flows, schedulesPerFlow }: Shape): number {
  return flows * schedulesPerFlow;
}

/** Every schedule with a pattern of its own, none of them due for days. */
export function farConfig(shape: Shape): string {
  const day = new Date(Date.now() + 7 * 86_400_000).getUTCDate();
  return configOf(
    shape,
    `\`\${no % 60} \${Math.floor(no / 60) % 60} \${Math.floor(no / 3_600) % 24} ${day} * *\``,
  );
}

/** Every schedule due in one second of the day; each run writes one line as the first thing it does. */
export function dueConfig(shape: Shape, due: Date, folder: string): string {
  const cron = `${due.getUTCSeconds()} ${due.getUTCMinutes()} ${due.getUTCHours()} * * *`;
  return configOf(shape, `"${cron}"`, linesIn(folder));
}

/** The file that flows of `dueConfig` write to. */
export function linesIn(folder: string): string {
  return join(folder, "lines.txt");
}

/** One schedule in a flow: the policy that people get by default; many in a flow may only be due together with "allow". */
function configOf({ flows, schedulesPerFlow }: Shape, cron: string, lines?: string): string {
  const overlap = schedulesPerFlow === 1 ? "skip" : "allow";
  const body =
    lines === undefined
      ? "async () => {}"
      : `(_, { run }) => {
    const at = performance.timeOrigin + performance.now();
    file ??= openSync(${JSON.stringify(lines)}, "a");
    writeSync(file, at + " " + run.flow + " " + run.schedule + "\\n");
  }`;
  return `
import { openSync, writeSync } from "node:fs";
import { defineConfig, flow } from "tocsin";
let file: number | undefined;
const cronOf = (no: number) => ${cron};
const flows = Array.from({ length: ${flows} }, (_, index) => flow({
  name: "flow-" + index,
  overlap: "${overlap}",
  schedules: Array.from({ length: ${schedulesPerFlow} }, (_, place) => ({
    key: "at-" + place,
    cron: cronOf(index * ${schedulesPerFlow} + place),
  })),
  run: ${body},
}));
export default defineConfig({ flows });
`;
}
