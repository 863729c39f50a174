import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { type Look, openBrowser, visit } from "./support/browser.ts";
import { aPageScene, aRunOf, barriersIn, type PageScene, shoot } from "./support/page-scene.ts";

const SLOW = 120_000;

let stage: PageScene;
let browser: Browser;
const paths = new Map<string, string>();

beforeAll(async () => {
  [stage, browser] = await Promise.all([aPageScene(), openBrowser()]);
  const { daemon } = stage;
  const failed = await aRunOf(daemon, "sync-stock");
  const tasks = await aRunOf(daemon, "resize-photos");
  const paused = await aRunOf(daemon, "pay-invoices");
  await aRunOf(daemon, "hostile");
  await daemon.trigger("import-photos");
  const [delivery] = await daemon.deliveries(failed.id);
  for (const [name, path] of [
    ["home", "/"],
    ["home-tracks", "/?span=24h&order=tag"],
    ["runs", "/runs?state=!CRASHED"],
    ["run-failed", `/runs/${failed.id}`],
    ["run-tasks", `/runs/${tasks.name}`],
    ["run-paused", `/runs/${paused.id}`],
    ["flow", "/flows/sync-stock"],
    ["hooks", "/hooks"],
    ["delivery", `/deliveries/${delivery?.id}`],
    ["system", "/system"],
    ["run-gone", "/runs/nobody"],
    ["flow-gone", "/flows/nobody"],
  ] as const)
    paths.set(name, path);
}, SLOW);

afterAll(async () => {
  await browser?.close();
  await stage?.[Symbol.asyncDispose]();
});

const LOOKS: readonly Look[] = [
  { scheme: "light", device: "desktop" },
  { scheme: "dark", device: "desktop" },
  { scheme: "light", device: "phone" },
  { scheme: "dark", device: "phone" },
];

describe("every view", () => {
  for (const look of LOOKS) {
    const { scheme, device } = look;
    // Colours depend on the scheme, what is there on the device: two of the four are all.
    const isChecked = (scheme === "light") === (device === "desktop");

    test(
      `${scheme}, on a ${device}: shows itself, without errors, barriers, requests to others, or sideways scrolling`,
      async () => {
        await using visitor = await visit(browser, stage.daemon.url, look);
        const { page, wrong } = visitor;
        const found: string[] = [];
        for (const [name, path] of paths) {
          found.push(...(await faultsOf(page, { name, path, isChecked })));
          await shoot(page, `${name}-${scheme}-${device}`);
        }

        expect(found).toEqual([]);
        expect(wrong).toEqual([]);
      },
      SLOW,
    );
  }

  test(
    "shows texts of others as texts",
    async () => {
      await using visitor = await visit(browser, stage.daemon.url);
      const { page } = visitor;
      await page.goto("/");

      const row = page.locator('tr[data-flow="hostile"]');
      await row.waitFor();

      expect(await row.textContent()).toContain("<script>alert(2)</script>");
      await row.locator("a .state").click();
      await page.locator(".error").first().waitFor();
      expect(await page.locator("img").count()).toBe(0);
      expect(visitor.wrong).toEqual([]);
    },
    SLOW,
  );
});

interface Faults {
  readonly name: string;
  readonly path: string;
  /** Whether barriers are looked for too, which takes a while. */
  readonly isChecked: boolean;
}

async function faultsOf(page: Page, { name, path, isChecked }: Faults): Promise<readonly string[]> {
  await page.goto(path);
  await page.locator("h1").waitFor();
  await page.locator(".badge.live").waitFor();
  await page.waitForFunction(() => document.querySelectorAll("table, .facts, .empty").length);
  const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return [
    ...(isChecked ? await barriersIn(page) : []).map((barrier) => `${name}: ${barrier}`),
    ...(width > 0 ? [`${name}: ${width} pixels wider than the window`] : []),
  ];
}
