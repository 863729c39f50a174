import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import type { BackfillView } from "../../src/domain/backfill.ts";
import { openBrowser, visit } from "./support/browser.ts";
import { aPageScene, barriersIn, type PageScene, shoot } from "./support/page-scene.ts";

const SLOW = 90_000;
const CONFIG = `import { existsSync, writeFileSync } from "node:fs";
import { defineConfig, flow, outside } from "tocsin";
const tell = async ({ log }) => {
  log("telling");
  await outside({
    request: "write told.txt",
    act: () => writeFileSync("told.txt", "told"),
    answerOf: () => "written",
    whenTried: undefined,
  });
};
const hourly = flow({
  name: "hourly",
  schedule: { cron: "0 * * * *", timezone: "UTC" },
  onFailure: [tell],
  run: async (_, { signal }) => {
    while (!existsSync("go.txt") && !signal.aborted) await new Promise((done) => setTimeout(done, 20));
    signal.throwIfAborted();
  },
});
export default defineConfig({ flows: [hourly] });
`;

let stage: PageScene;
let browser: Browser;

beforeAll(async () => {
  [stage, browser] = await Promise.all([aPageScene(CONFIG), openBrowser()]);
}, SLOW);

afterAll(async () => {
  await browser?.close();
  await stage?.[Symbol.asyncDispose]();
});

function button(page: Page, name: string) {
  return page.getByRole("button", { name, exact: true });
}

async function backfills(): Promise<readonly BackfillView[]> {
  const { items } = await stage.daemon.json<{ readonly items: readonly BackfillView[] }>(
    "/api/backfills",
  );
  return items;
}

/** The browser is an hour or two before UTC: whole hours of its are hours of the schedule too. */
async function askFor(page: Page, from: string, to: string): Promise<void> {
  await button(page, "Backfill…").click();
  await page.getByLabel("Due at or after").fill(from);
  await page.getByLabel("and before").fill(to);
  await button(page, "Show what would be run").click();
}

describe("a flow", () => {
  test(
    "is backfilled once what would be run was shown, and that can be cancelled",
    async () => {
      await using visitor = await visit(browser, stage.daemon.url);
      const { page } = visitor;
      await page.goto("/flows/hourly");

      await askFor(page, "2026-01-10T06:00", "2026-01-10T04:00");
      await page.locator("dialog .field-problem", { hasText: "from is not before to" }).waitFor();
      await page.getByLabel("and before").fill("2026-01-10T11:00");
      await button(page, "Show what would be run").click();
      await page.locator(".plan", { hasText: "5 due times, none of which has a run" }).waitFor();
      expect(await page.locator(".plan li").count()).toBe(5);
      expect(await backfills()).toEqual([]);
      expect(await barriersIn(page)).toEqual([]);
      await shoot(page, "backfill-light-desktop");
      await button(page, "Run 5 due times").click();
      await page.locator(".backfills", { hasText: "0 of 5 completed" }).waitFor();
      await page.locator(".backfills .state.running").first().waitFor();
      await stage.scene.write("go.txt", "");
      await page.locator(".backfills", { hasText: "5 of 5 completed" }).waitFor();
      await page.locator(".backfills .state.completed").first().waitFor();
      await page.locator(".backfills summary").click();
      await page.locator(".backfills details li a").nth(4).waitFor();

      await askFor(page, "2026-01-10T06:00", "2026-01-10T13:00");
      await page.locator(".plan", { hasText: "7 due times, 5 of which had a run" }).waitFor();
      expect(await page.locator(".plan li", { hasText: "is left alone" }).count()).toBe(5);
      await button(page, "Do not").click();
      expect(await backfills()).toHaveLength(1);
      expect(visitor.wrong).toEqual([]);
    },
    SLOW,
  );

  test(
    "has a backfill that was begun cancelled once somebody said yes",
    async () => {
      await Bun.file(join(stage.scene.folder, "go.txt")).delete();
      await using visitor = await visit(browser, stage.daemon.url);
      const { page } = visitor;
      await page.goto("/flows/hourly");
      await askFor(page, "2026-02-10T06:00", "2026-02-10T16:00");
      await button(page, "Run 10 due times").click();
      const row = page.locator(".backfills > li").first();
      await row.locator(".state.running").waitFor();

      await row.getByRole("button", { name: "Cancel" }).click();
      await button(page, "Cancel the backfill").click();
      await row.locator(".state.cancelled").first().waitFor();
      await stage.scene.write("go.txt", "");

      expect((await backfills())[0]?.status).toBe("cancelled");
      expect(visitor.wrong).toEqual([]);
    },
    SLOW,
  );
});

describe("a hook", () => {
  test(
    "is tried: what it would do is shown first, and done once somebody said yes",
    async () => {
      const told = join(stage.scene.folder, "told.txt");
      await using visitor = await visit(browser, stage.daemon.url, {
        scheme: "dark",
        device: "phone",
      });
      const { page } = visitor;
      await page.goto("/hooks");

      await button(page, "Try tell").click();
      await button(page, "Show what it would do").click();
      const tried = page.locator("dialog .plan");
      await tried.locator(".state", { hasText: "It would be delivered" }).waitFor();
      expect(await tried.textContent()).toContain("write told.txt");
      expect(await tried.textContent()).toContain("a made-up run of hourly");
      expect(await tried.textContent()).toContain("Nothing was sent or started");
      expect(existsSync(told)).toBe(false);
      expect(await barriersIn(page)).toEqual([]);
      await shoot(page, "trial-dark-phone");
      await button(page, "Send it…").click();
      await button(page, "Do not").click();
      expect(existsSync(told)).toBe(false);
      await button(page, "Send it…").click();
      await button(page, "Send it").click();
      await tried.locator(".state", { hasText: /^Delivered$/ }).waitFor();

      expect(existsSync(told)).toBe(true);
      expect(await tried.textContent()).toContain("written");
      await page.getByLabel(/^Of the run/).fill("nobody-at-all");
      await button(page, "Show what it would do").click();
      await page.locator("dialog .field-problem", { hasText: "no run has this id" }).waitFor();
      expect(visitor.wrong).toEqual([]);
    },
    SLOW,
  );
});
