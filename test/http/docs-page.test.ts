import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { createApp } from "../../src/http/app.ts";
import { type HttpServer, serveHttp } from "../../src/http/server.ts";
import { type Look, openBrowser, visit } from "../page/support/browser.ts";
import { barriersIn, shoot } from "../page/support/page-scene.ts";
import { memoryDaemon } from "./support/memory-daemon.ts";

const SLOW = 90_000;

let browser: Browser;
let server: HttpServer;

beforeAll(async () => {
  server = await serveHttp(createApp(memoryDaemon().api), { hostname: "127.0.0.1", port: 0 });
  browser = await openBrowser();
}, SLOW);

afterAll(async () => {
  await browser.close();
  await server.stop();
});

const LOOKS: readonly Look[] = [
  { scheme: "light", device: "desktop" },
  { scheme: "dark", device: "desktop" },
  { scheme: "light", device: "phone" },
  { scheme: "dark", device: "phone" },
];

function isLookedInto({ scheme, device }: Look): boolean {
  return (scheme === "light") === (device === "desktop");
}

test.each(LOOKS)(
  "the API's page can be read in %j, without barriers, and asks nobody else",
  async (look) => {
    await using seen = await visit(browser, server.url, look);
    const { page, wrong } = seen;

    await page.goto("/docs#triggerRun");

    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await page.locator("article:target h3").textContent()).toBe(
      "POST /api/flows/{flow}/runs",
    );
    expect(wide).toBeLessThanOrEqual(0);
    await shoot(page, `docs-${look.device}-${look.scheme}`);
    // It takes long: each of the schemes once, and each of the sizes.
    if (isLookedInto(look)) expect(await barriersIn(page)).toEqual([]);
    expect(wrong).toEqual([]);
  },
  SLOW,
);

test(
  "its links lead to what they name",
  async () => {
    await using seen = await visit(browser, server.url);
    const { page } = seen;
    await page.goto("/docs");

    await page.getByRole("link", { name: "GET /api/decisions", exact: true }).first().click();
    const operation = await page.locator("article:target").getAttribute("id");
    await page
      .locator("article:target")
      .getByRole("link", { name: "Decision", exact: true })
      .first()
      .click();

    expect(operation).toBe("listDecisions");
    expect(await page.locator("article:target").getAttribute("id")).toBe("schema-Decision");
  },
  SLOW,
);
