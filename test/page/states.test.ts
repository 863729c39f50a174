import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { aScene } from "../support/daemon.ts";
import { openBrowser, visit } from "./support/browser.ts";
import { fillHistory } from "./support/fill-history.ts";
import { aPageScene, barriersIn, shoot } from "./support/page-scene.ts";

const SLOW = 90_000;
const NO_FLOWS =
  'import { defineConfig } from "tocsin";\nexport default defineConfig({ flows: [] });\n';
const MANY_FLOWS = `import { defineConfig, flow } from "tocsin";
const flows = Array.from({ length: 500 }, (_, no) =>
  flow({ name: \`flow-\${no}\`, tags: [\`team-\${no % 7}\`], schedule: { cron: "0 3 * * *" }, run: () => {} }),
);
export default defineConfig({ flows });
`;

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
}, SLOW);

afterAll(() => browser?.close());

describe("the page", () => {
  test(
    "says what to do where there are no flows, and no runs",
    async () => {
      await using stage = await aPageScene(NO_FLOWS);
      await using visitor = await visit(browser, stage.daemon.url);
      const { page } = visitor;

      await page.goto("/");
      await page.locator(".empty", { hasText: "flows.config.ts" }).waitFor();
      expect(await barriersIn(page)).toEqual([]);
      await shoot(page, "no-flows-light-desktop");
      await page.goto("/runs");

      await page.locator(".empty", { hasText: "There are no runs yet" }).waitFor();
      expect(visitor.wrong).toEqual([]);
    },
    SLOW,
  );

  test(
    "says what is wrong with a config that was refused, and where, and when it is mended",
    async () => {
      await using stage = await aPageScene(MANY_FLOWS);
      await using visitor = await visit(browser, stage.daemon.url);
      const { page } = visitor;
      await page.goto("/");
      await page.locator(".badge.live").waitFor();

      await stage.scene.write("flows.config.ts", MANY_FLOWS.replace("0 3 * * *", "0 3 * *"));
      await page.locator(".failure", { hasText: "generation 1" }).waitFor();
      expect(await barriersIn(page)).toEqual([]);
      await shoot(page, "config-refused-light-desktop");
      expect(await page.locator(".failure code").first().textContent()).toMatch(
        /flows\.config\.ts:\d+/,
      );
      for (const view of ["/runs", "/hooks", "/flows/flow-0"]) {
        await page.goto(view);
        await page.locator(".failure", { hasText: "generation 1 stays in force" }).waitFor();
        expect(await barriersIn(page)).toEqual([]);
      }
      await page.getByRole("link", { name: "What is wrong" }).click();
      await page.locator(".failure", { hasText: "until these are mended" }).waitFor();
      expect(await page.locator(".failure").count()).toBe(1);
      await page.goto("/runs");
      await page.locator(".failure").waitFor();
      await stage.scene.write("flows.config.ts", NO_FLOWS);

      await page.locator(".failure").waitFor({ state: "detached" });
    },
    SLOW,
  );

  test(
    "stays quick with 500 flows and 10,000 runs, of which only those in sight are drawn",
    async () => {
      await using scene = await aScene(MANY_FLOWS);
      fillHistory(`${scene.folder}/.tocsin/state.db`, {
        flows: Array.from({ length: 500 }, (_, no) => ({ name: `flow-${no}`, runs: 20 })),
        now: Date.now(),
      });
      const daemon = await scene.serve();
      await using visitor = await visit(browser, daemon.url);
      const { page } = visitor;

      await page.goto("/?span=7d");
      await page.locator("tr[data-flow] .track .fill").first().waitFor();
      expect(await page.locator("tr[data-flow]").count()).toBeLessThan(80);
      await shoot(page, "500-flows-light-desktop");
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      await page.locator('tr[data-flow="flow-499"] .track .fill').first().waitFor();
      await page.getByLabel("Search flows").fill("flow-25");
      await page.waitForFunction(() => document.querySelectorAll("tr[data-flow]").length === 11);
      await page.goto("/runs");
      await page.locator("tbody tr").nth(20).waitFor();
      for (const shown of [200, 300]) {
        await page.getByRole("button", { name: "Older runs" }).click();
        await page.locator(".below", { hasText: `${shown} runs shown` }).waitFor();
      }

      expect(await page.locator("tbody tr").count()).toBeLessThan(80);
      expect(visitor.wrong).toEqual([]);
    },
    SLOW,
  );
});
