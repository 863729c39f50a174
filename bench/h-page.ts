import type { Browser, Page } from "playwright-core";
import { openBrowser, visit } from "../test/page/support/browser.ts";
import { fillHistory } from "../test/page/support/fill-history.ts";
import { newFolder, startBenchDaemon } from "./daemon.ts";
import { report } from "./report.ts";

const FLOWS = 500;
const RUNS = 100_000;
const ROUNDS = 7;
const CONFIG = `import { defineConfig, flow } from "tocsin";
const flows = Array.from({ length: ${FLOWS} }, (_, no) =>
  flow({ name: \`flow-\${no}\`, tags: [\`team-\${no % 9}\`], schedule: { cron: \`\${no % 60} 3 * * *\` }, run: () => {} }),
);
export default defineConfig({ flows });
`;

/** How soon the page is there, and how soon it does what somebody wants, with much in the store. */
export async function benchPage(): Promise<void> {
  const folder = newFolder();
  fillHistory(`${folder}/.tocsin/state.db`, {
    flows: Array.from({ length: FLOWS }, (_, no) => ({
      ...{ name: `flow-${no}`, runs: RUNS / FLOWS, everyMs: 3_000_000, failsEach: 11 },
    })),
    now: Date.now(),
  });
  const daemon = await startBenchDaemon(CONFIG, folder);
  const browser = await openBrowser();
  try {
    const visits: Visit[] = [];
    for (let round = 0; round < ROUNDS; round += 1)
      visits.push(await visitOnce(browser, daemon.url));
    const figure = (name: string, of: keyof Visit, goal: string) => ({
      ...{ name, unit: "ms", goal, values: visits.map((one) => one[of]) },
    });
    report(`page: ${FLOWS} flows, ${RUNS} runs`, [
      figure("first paint", "firstPaint", "< 300"),
      figure("flows are shown", "flows", "< 300"),
      figure("their last runs are shown", "bars", ""),
      figure("search, to the next paint", "search", "< 100"),
      figure("chart of 7 days, of all in sight", "chart", "< 100"),
      figure("to the runs, until they are shown", "runs", "< 100"),
      figure("j, to the next paint", "key", "< 100"),
      figure("open a run, until it is shown", "run", "< 100"),
    ]);
  } finally {
    await browser.close();
    await daemon.stop();
  }
}

interface Visit {
  readonly firstPaint: number;
  readonly flows: number;
  readonly bars: number;
  readonly search: number;
  readonly chart: number;
  readonly runs: number;
  readonly key: number;
  readonly run: number;
}

/** All of it is measured in the page itself, so that what drives the browser does not count. */
async function visitOnce(browser: Browser, url: string): Promise<Visit> {
  await using visitor = await visit(browser, url);
  const { page } = visitor;
  await page.addInitScript(WATCH);
  await page.goto("/");
  const flows = await seen(page, "tr[data-flow]");
  const bars = await seen(page, ".bars path");
  const firstPaint = await page.evaluate(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
  );
  const search = await acted(page, {
    act: `const field = document.querySelector("input[type=search]"); field.value = "flow-25"; field.dispatchEvent(new Event("input", { bubbles: true }));`,
    until: `document.querySelectorAll("tr[data-flow]").length === 11`,
  });
  await page.goto("/");
  await seen(page, "tr[data-flow]");
  const chart = await acted(page, {
    act: `const field = document.querySelector("select[aria-label=Chart]"); field.value = "7d"; field.dispatchEvent(new Event("change", { bubbles: true }));`,
    until: `[...document.querySelectorAll("tr[data-flow]")].every((row) => row.getBoundingClientRect().top > innerHeight || row.querySelector(".track .fill") !== null)`,
  });
  const runs = await acted(page, {
    act: `document.querySelector('nav a[href="/runs"]').click()`,
    until: `document.querySelectorAll(".runs tbody th .name").length > 20`,
  });
  const key = await acted(page, {
    act: `document.dispatchEvent(new KeyboardEvent("keydown", { key: "j" }))`,
    until: `document.querySelector("tr.chosen") !== null`,
  });
  const run = await acted(page, {
    act: `document.querySelector(".runs tbody th .name").click()`,
    until: `document.querySelector(".standing .state") !== null`,
  });
  return { firstPaint, flows, bars, search, chart, runs, key, run };
}

/** Waits for something in each frame, from the beginning of the document on. */
const WATCH = `globalThis.whenSeen = (test) => new Promise((resolve) => {
  const look = () => (test() ? requestAnimationFrame(() => resolve(performance.now())) : requestAnimationFrame(look));
  look();
});`;

async function seen(page: Page, selector: string): Promise<number> {
  return await page.evaluate(
    `whenSeen(() => document.querySelector(${JSON.stringify(selector)}) !== null)`,
  );
}

async function acted(
  page: Page,
  { act, until }: { readonly act: string; readonly until: string },
): Promise<number> {
  return await page.evaluate(
    `(async () => { const began = performance.now(); ${act}; return (await whenSeen(() => ${until})) - began; })()`,
  );
}
