import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { type Look, openBrowser, visit } from "./support/browser.ts";
import { aPageScene, barriersIn, type PageScene, shoot } from "./support/page-scene.ts";

const SLOW = 90_000;
const CONFIG = `import { defineConfig, flow } from "tocsin";
const hourly = { cron: "0 * * * *" };
const quick = flow({ name: "quick", tags: ["one"], overlap: "allow", run: () => {} });
const slow = flow({
  name: "slow",
  tags: ["two"],
  run: async (_, { signal }) => {
    await new Promise<void>((done) => signal.addEventListener("abort", () => done()));
    signal.throwIfAborted();
  },
});
const minutely = flow({ name: "minutely", tags: ["two"], schedule: { cron: "* * * * *" }, run: () => {} });
const others = Array.from({ length: 40 }, (_, no) =>
  flow({ name: \`other-\${no}\`, tags: [\`team-\${no % 4}\`], schedule: hourly, run: () => {} }),
);
export default defineConfig({ flows: [quick, slow, minutely, ...others] });
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

async function quickRuns(count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => stage.daemon.trigger("quick")));
}

async function shownRuns(page: Page): Promise<number> {
  return Number(/(\d+) runs? shown/.exec((await page.locator(".below").textContent()) ?? "")?.[1]);
}

function topOf(page: Page, name: string): Promise<number> {
  return page
    .locator("tr", { hasText: name })
    .evaluate((row) => Math.round(row.getBoundingClientRect().top));
}

describe("runs on older pages", () => {
  test(
    "change where they are looked at, and stay where they are when new ones come",
    async () => {
      const slow = await stage.daemon.trigger("slow");
      await quickRuns(130);
      await using visitor = await visit(browser, stage.daemon.url);
      const { page } = visitor;
      await page.goto("/runs?flow=quick,slow");
      await page.locator(".badge.live").waitFor();
      await page.getByRole("button", { name: "Older runs" }).click();
      await page.locator(".below", { hasText: "131 runs shown" }).waitFor();
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      const row = page.locator("tr", { hasText: slow.name });
      await row.locator(".state.running").waitFor();
      const before = await topOf(page, slow.name);

      await quickRuns(40);
      await page.waitForFunction(() =>
        /171 runs shown/.test(document.querySelector(".below")?.textContent ?? ""),
      );
      expect(await topOf(page, slow.name)).toBe(before);
      await stage.daemon.post(`/api/runs/${slow.id}/cancel`);
      await row.locator(".state.cancelled").waitFor();

      expect(await topOf(page, slow.name)).toBe(before);
      expect(await shownRuns(page)).toBe(171);
      expect(visitor.wrong).toEqual([]);
    },
    SLOW,
  );

  test(
    "keep the row that the keys have come to when new ones come above it",
    async () => {
      await quickRuns(5);
      await using visitor = await visit(browser, stage.daemon.url);
      const { page } = visitor;
      await page.goto("/runs?flow=quick");
      await page.locator(".badge.live").waitFor();
      await page.locator("tbody tr th").nth(4).waitFor();
      for (const _ of [1, 2, 3]) await page.keyboard.press("j");
      const name = await page.locator("tr.chosen th").textContent();

      const shown = await shownRuns(page);
      await quickRuns(2);
      await page.waitForFunction(
        (count) => !document.querySelector(".below")?.textContent?.startsWith(`${count} runs`),
        shown,
      );

      expect(await page.locator("tr.chosen th").textContent()).toBe(name);
    },
    SLOW,
  );
});

describe("the timeline", () => {
  const looks: readonly Look[] = [
    { scheme: "light", device: "phone" },
    { scheme: "dark", device: "desktop" },
  ];
  for (const look of looks) {
    test(
      `groups flows by tag under headings, on a ${look.device} too`,
      async () => {
        await using visitor = await visit(browser, stage.daemon.url, look);
        const { page } = visitor;
        await page.goto("/?order=tag&span=6h");
        await page.locator("tr[data-flow] path.due[d^=M]").first().waitFor();
        await shoot(page, `groups-${look.scheme}-${look.device}`);

        const rows = await page.locator("tbody tr:not(.space)").evaluateAll((all) =>
          all.slice(0, 5).map((row) => ({
            name: row.classList.contains("group") ? row.textContent : row.getAttribute("data-flow"),
            height: row.getBoundingClientRect().height,
          })),
        );

        const height = look.device === "phone" ? 132 : 57;
        expect(rows).toEqual([
          { name: "one", height: 44 },
          { name: "quick", height },
          { name: "team-0", height: 44 },
          { name: "other-0", height },
          { name: "other-4", height },
        ]);
        expect(await barriersIn(page)).toEqual([]);
        await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
        await page.locator('tr[data-flow="minutely"] path.due[d^=M]').waitFor();
        expect(visitor.wrong).toEqual([]);
      },
      SLOW,
    );
  }

  test(
    "marks every part of the time to come that something is due in, however often it is",
    async () => {
      await using visitor = await visit(browser, stage.daemon.url);
      const { page } = visitor;

      for (const span of ["6h", "24h", "7d"]) {
        await page.goto(`/?q=minutely&span=${span}`);
        const marks = page.locator('tr[data-flow="minutely"] path.due');
        await page.waitForFunction(() =>
          /M/.test(document.querySelector("path.due")?.getAttribute("d") ?? ""),
        );
        const count = ((await marks.getAttribute("d")) ?? "").split("M").length - 1;
        expect(count).toBeGreaterThanOrEqual(12);
        expect(count).toBeLessThanOrEqual(14);
      }
      await page.locator(".drawing.track").hover({ position: { x: 500, y: 10 } });

      expect(await page.locator("tbody tr").count()).toBe(1);
    },
    SLOW,
  );
});
