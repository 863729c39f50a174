import { readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { openBrowser, visit } from "../test/page/support/browser.ts";
import { fillHistory } from "../test/page/support/fill-history.ts";
import { aScene } from "../test/support/daemon.ts";

/** Makes the picture of the README: the compiled daemon, a week of made-up runs, and a real browser. */
const TARGET = "docs/page.png";
const MINUTE_MS = 60_000;
const FLOWS = [
  { name: "nightly-report", runs: 7, everyMs: 1_440 * MINUTE_MS, tookMs: 92_000 },
  { name: "heartbeat", runs: 1_500, everyMs: MINUTE_MS, tookMs: 40 },
  { name: "sync-stock", runs: 290, everyMs: 5 * MINUTE_MS, tookMs: 4_100, failsEach: 9 },
  { name: "import-photos", runs: 34, everyMs: 47 * MINUTE_MS, tookMs: 310_000, failsEach: 17 },
  { name: "pay-invoices", runs: 12, everyMs: 700 * MINUTE_MS, tookMs: 2_000 },
  { name: "verbose", runs: 21, everyMs: 66 * MINUTE_MS, tookMs: 3_000 },
  { name: "resize-photos", runs: 28, everyMs: 360 * MINUTE_MS, tookMs: 20_000, failsEach: 14 },
  { name: "month-end", runs: 3, everyMs: 40_000 * MINUTE_MS, tookMs: 7_000 },
  { name: "disk-space", runs: 90, everyMs: 15 * MINUTE_MS, tookMs: 12 },
];

const config = readFileSync("test/fixtures/page/flows.config.ts", "utf8").replace(
  "hostile, long]",
  "]",
);
await using scene = await aScene(config);
fillHistory(`${scene.folder}/.tocsin/state.db`, { flows: FLOWS, now: Date.now() });
const daemon = await scene.serve();
for (const flow of ["import-photos", "pay-invoices"]) await daemon.trigger(flow);
const browser = await openBrowser();
{
  await using visitor = await visit(browser, daemon.url);
  const { page } = visitor;
  await page.setViewportSize({ width: 1_200, height: 860 });
  await page.goto("/?span=24h");
  await page.locator('tr[data-flow="sync-stock"] .track path.fill').first().waitFor();
  await page.locator(".badge.live").waitFor();
  await page.screenshot({ path: TARGET });
}
await browser.close();
const { size } = await stat(TARGET);
if (size > 200_000)
  throw new Error(`Cannot keep "${TARGET}": it has ${size} bytes, 200,000 at most`);
console.log(`Wrote ${TARGET}: ${Math.round(size / 1_000)} kB`);
