import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import type { NewTokenView } from "../../src/http/token-routes.ts";
import { openBrowser, visit } from "./support/browser.ts";
import { aPageScene, barriersIn, shoot } from "./support/page-scene.ts";

const SLOW = 60_000;

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
}, SLOW);

afterAll(() => browser?.close());

describe("the page", () => {
  test(
    "shows what happens without being loaded again, also when somebody else did it",
    async () => {
      await using stage = await aPageScene();
      await using visitor = await visit(browser, stage.daemon.url);
      const { page } = visitor;
      await page.goto("/");
      await page.locator(".badge.live").waitFor();

      const { id } = await stage.daemon.trigger("import-photos");
      const row = page.locator('tr[data-flow="import-photos"]');
      await row.locator(".state.running").waitFor();
      const motion = () =>
        row
          .locator(".state.running")
          .evaluate((state) => getComputedStyle(state, "::before").animationName);
      expect(await motion()).toBe("none");
      await page.emulateMedia({ reducedMotion: "no-preference" });
      expect(await motion()).toBe("beat");
      await stage.daemon.post(`/api/runs/${id}/cancel`);
      await row.locator(".state.cancelled").waitFor();

      expect(visitor.wrong).toEqual([]);
    },
    SLOW,
  );

  test(
    "says that the daemon is gone, keeps what it knows, and goes on when it is back",
    async () => {
      await using stage = await aPageScene();
      const { url } = stage.daemon;
      await using visitor = await visit(browser, url);
      const { page } = visitor;
      await page.goto("/");
      await page.locator(".badge.live").waitFor();
      await page.locator('tr[data-flow="heartbeat"]').waitFor();

      await stage.daemon.kill9();
      await page.locator(".badge.gone").waitFor();
      await page.locator(".counts", { hasText: "The daemon does not answer" }).waitFor();
      expect(await barriersIn(page)).toEqual([]);
      await shoot(page, "gone-light-desktop");
      expect(await page.locator('tr[data-flow="heartbeat"]').count()).toBe(1);
      const again = await stage.scene.serve({ args: ["--listen", new URL(url).host] });
      await page.locator(".badge.live").waitFor();
      await again.trigger("heartbeat");

      await page.locator('tr[data-flow="heartbeat"] .state.completed').waitFor();
    },
    SLOW,
  );

  test(
    "follows a thousand lines a second and stays quick",
    async () => {
      await using stage = await aPageScene();
      await using visitor = await visit(browser, stage.daemon.url);
      const { page } = visitor;
      const { id } = await stage.daemon.trigger("verbose");
      await page.goto(`/runs/${id}`);
      await page.locator(".log-row").first().waitFor();

      await page.locator(".log-row", { hasText: "line 2999 of many" }).waitFor();

      const drawn = await page.locator(".log-row").count();
      expect(drawn).toBeLessThan(150);
      await page.getByLabel("Search the log").fill("line 107 went wrong");
      await page.waitForFunction(() => document.querySelectorAll(".log-row").length === 1);
      await page.getByLabel("Search the log").fill("");
      await page.getByLabel("Level").selectOption("error");
      await page.locator(".log-row.error", { hasText: "with a second line" }).last().waitFor();
      const download = page.waitForEvent("download");
      await page.getByRole("button", { name: "Download" }).click();
      const file = await Bun.file((await (await download).path()) ?? "").text();
      expect(file.split("\n").length).toBeGreaterThan(3_000);
      expect(visitor.wrong).toEqual([]);
    },
    SLOW,
  );

  test(
    "asks for a token where one is needed, and goes on with it",
    async () => {
      await using stage = await aPageScene();
      const made = await stage.daemon.post("/api/tokens", { name: "page", scope: "write" });
      expect(made.status).toBe(201);
      const { token } = JSON.parse(made.text) as NewTokenView;
      await using visitor = await visit(browser, stage.daemon.url);
      const { page } = visitor;
      await page.goto("/runs");
      await page.getByRole("heading", { name: "A token is needed" }).waitFor();
      expect(await barriersIn(page)).toEqual([]);
      await shoot(page, "login-light-desktop");

      await page.getByLabel("Token").fill("wrong");
      await page.keyboard.press("Enter");
      await page.locator(".field-problem", { hasText: "not one of the daemon's" }).waitFor();
      await page.getByLabel("Token").fill(token);
      await page.keyboard.press("Enter");

      await page.getByRole("heading", { name: "Runs" }).waitFor();
      await page.locator(".badge.live").waitFor();
      await page.reload();
      await page.getByRole("heading", { name: "Runs" }).waitFor();
      expect(await page.evaluate(() => document.cookie)).toBe("");
      await page.goto("/system");
      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByRole("heading", { name: "A token is needed" }).waitFor();
    },
    SLOW,
  );

  test(
    "shows what a token that may only read cannot press, and says why",
    async () => {
      await using stage = await aPageScene();
      const { id } = await stage.daemon.trigger("nightly-report");
      const made = await stage.daemon.post("/api/tokens", { name: "guest", scope: "read" });
      const { token } = JSON.parse(made.text) as NewTokenView;
      await using visitor = await visit(browser, stage.daemon.url);
      const { page } = visitor;
      const why = "Your token may only read: this needs one with scope write";
      await page.goto("/");
      await page.getByLabel("Token").fill(token);
      await page.keyboard.press("Enter");

      for (const [view, name] of [
        ["/", "Run nightly-report"],
        ["/flows/nightly-report", "Run…"],
        [`/runs/${id}`, "Run again"],
        ["/system", "Read the config again"],
      ] as const) {
        await page.goto(view);
        const button = page.getByRole("button", { name, exact: true });
        await button.waitFor();
        expect([view, await button.isDisabled(), await button.getAttribute("title")]).toEqual([
          ...[view, true, why],
        ]);
      }
      expect(await barriersIn(page)).toEqual([]);
      const leave = page.getByRole("button", { name: "Log out" });
      expect(await leave.isDisabled()).toBe(false);
    },
    SLOW,
  );
});
