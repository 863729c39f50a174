import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import type { FlowView } from "../../src/http/flow-view.ts";
import { openBrowser, type Visit, visit } from "./support/browser.ts";
import { aPageScene, aRunOf, barriersIn, type PageScene, shoot } from "./support/page-scene.ts";

const SLOW = 60_000;

let stage: PageScene;
let browser: Browser;

beforeAll(async () => {
  [stage, browser] = await Promise.all([aPageScene(), openBrowser()]);
}, SLOW);

afterAll(async () => {
  await browser?.close();
  await stage?.[Symbol.asyncDispose]();
});

async function opened(path: string): Promise<Visit & { readonly page: Page }> {
  const visitor = await visit(browser, stage.daemon.url);
  await visitor.page.goto(path);
  return visitor;
}

function button(page: Page, name: string) {
  return page.getByRole("button", { name, exact: true });
}

describe("runs", () => {
  test(
    "are made at once of a flow without parameters, and shown",
    async () => {
      await using visitor = await opened("/");
      const { page } = visitor;

      await button(page, "Run heartbeat").click();

      await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
      await page.locator(".standing .state.completed").waitFor();
      expect(await page.locator(".notices").textContent()).toContain("Run of heartbeat was made");
    },
    SLOW,
  );

  test(
    "are made with parameters that a form asks for; what does not fit is said at its field",
    async () => {
      await using visitor = await opened("/flows/nightly-report");
      const { page } = visitor;
      await button(page, "Run…").click();

      await button(page, "Run").click();
      await page.locator("dialog .field-problem", { hasText: "This is needed" }).first().waitFor();
      expect(await barriersIn(page)).toEqual([]);
      await shoot(page, "form-light-desktop");
      await page.getByLabel("format").selectOption({ label: "csv" });
      await button(page, "Add to recipients").click();
      await page.getByLabel("recipients 1", { exact: true }).fill("nobody");
      await page.locator(".field-problem", { hasText: "an e-mail address" }).waitFor();
      await page.getByLabel("recipients 1", { exact: true }).fill("ann@example.org");
      await page.getByLabel("copies optional").fill("12");
      await page.locator(".field-problem", { hasText: "At most 9" }).waitFor();
      await page.getByLabel("copies optional").fill("2");
      await page.getByLabel("day optional").fill("2026-02-28");
      await page.getByLabel("draft").check();
      await page.getByLabel("Give style").check();
      await page.getByLabel("title").fill("Sales");
      await page.getByLabel("Which kind of target").selectOption({ label: "kind: folder" });
      await page.getByLabel("path").fill("/tmp");
      await page.getByLabel("since optional").fill("2026-02-28T10:00");
      await button(page, "Run").click();

      await page.waitForURL(/\/runs\//);
      await page.locator(".standing .state.completed").waitFor();
      const run = await stage.daemon.run(page.url().split("/").at(-1) ?? "");
      expect(run.parameters).toEqual({
        ...{ format: "csv", recipients: ["ann@example.org"], copies: 2, draft: true },
        ...{ day: "2026-02-28", style: { title: "Sales" } },
        ...{ target: { kind: "folder", path: "/tmp" }, since: "2026-02-28T09:00:00.000Z" },
      });
    },
    SLOW,
  );

  test(
    "are run again with the parameters that they had",
    async () => {
      const parameters = {
        ...{ recipients: ["bob@example.org"], format: "pdf", draft: false },
        target: { kind: "mail", to: "bob" },
      };
      const first = await stage.daemon.trigger("nightly-report", parameters);
      await using visitor = await opened(`/runs/${first.id}`);
      const { page } = visitor;

      await button(page, "Run again").click();
      await button(page, "Run").click();

      await page.waitForURL((url) => !url.pathname.endsWith(first.id));
      const again = await stage.daemon.run(page.url().split("/").at(-1) ?? "");
      expect(again.parameters).toEqual(parameters);
    },
    SLOW,
  );

  test(
    "are cancelled once somebody said yes, and not when they did not",
    async () => {
      const { id } = await stage.daemon.trigger("import-photos");
      await using visitor = await opened(`/runs/${id}`);
      const { page } = visitor;

      await button(page, "Cancel").click();
      await button(page, "Do not").click();
      expect((await stage.daemon.run(id)).state.type).not.toBe("CANCELLED");
      await button(page, "Cancel").click();
      await button(page, "Cancel the run").click();

      await page.locator(".standing .state.cancelled").waitFor();
      expect((await stage.daemon.run(id)).state.type).toBe("CANCELLED");
    },
    SLOW,
  );

  test(
    "are made once, however often somebody presses while nothing is answered yet",
    async () => {
      await using visitor = await opened("/");
      const { page } = visitor;
      const count = async () =>
        (await stage.daemon.json<{ items: unknown[] }>("/api/runs?flow=hostile")).items.length;
      const before = await count();

      await button(page, "Run hostile").dblclick();
      await page.waitForURL(/\/runs\//);
      await page.locator(".standing .state.failed").waitFor();

      expect(await count()).toBe(before + 1);
    },
    SLOW,
  );

  test(
    "are retried",
    async () => {
      const { id } = await aRunOf(stage.daemon, "sync-stock");
      await using visitor = await opened(`/runs/${id}`);

      await button(visitor.page, "Retry").click();
      await visitor.page.locator(".notice", { hasText: "is executed again" }).waitFor();

      const again = await stage.daemon.untilRun(
        id,
        ({ attempt, state }) => attempt === 2 && state.type === "FAILED",
      );
      expect(again.attempt).toBe(2);
      await visitor.page.locator(".facts dd", { hasText: /^2$/ }).waitFor();
    },
    SLOW,
  );

  test(
    "show at once what was asked for, and take it back if the daemon refuses",
    async () => {
      const { id } = await aRunOf(stage.daemon, "sync-stock");
      await using visitor = await opened(`/runs/${id}`);
      const { page } = visitor;
      const asked = Promise.withResolvers<void>();
      const refusal = Promise.withResolvers<void>();
      await page.route("**/retry", async (route) => {
        asked.resolve();
        await refusal.promise;
        await route.fulfill({ status: 409, json: { detail: "Cannot retry it: not today" } });
      });

      await button(page, "Retry").click();
      await asked.promise;
      await page.locator(".standing .state", { hasText: "Retrying" }).waitFor();
      refusal.resolve();

      await page.locator(".notice.bad", { hasText: "not today" }).waitFor();
      await page.locator(".standing .state", { hasText: "Failed" }).waitFor();
    },
    SLOW,
  );

  test(
    "are taken back by the message that says that they were made",
    async () => {
      await using visitor = await opened("/?q=import-photos");
      const { page } = visitor;

      await button(page, "Run import-photos").click();
      await button(page, "Cancel it").click();

      await page.locator(".standing .state.cancelled").waitFor();
      expect(visitor.wrong).toEqual([]);
    },
    SLOW,
  );

  test(
    "go on with what somebody gives them",
    async () => {
      const { id } = await aRunOf(stage.daemon, "pay-invoices");
      await using visitor = await opened(`/runs/${id}`);
      const { page } = visitor;

      await page.getByLabel("approved").check();
      await page.getByLabel("note optional").fill("by hand");
      await button(page, "Resume").click();

      await page.locator(".standing .state.completed").waitFor();
      expect((await stage.daemon.run(id)).result).toEqual({ approved: true });
      expect((await stage.daemon.lines(id)).map(({ text }) => text)).toContain(
        "approved: true by hand",
      );
    },
    SLOW,
  );

  test(
    "are cancelled and retried many at once",
    async () => {
      const open = await Promise.all(
        Array.from({ length: 3 }, () =>
          stage.daemon.post("/api/flows/import-photos/runs", { overlap: "allow" }),
        ),
      );
      const ids = open.map(({ text }) => (JSON.parse(text) as { readonly id: string }).id);
      await using visitor = await opened("/runs?flow=import-photos&state=RUNNING");
      const { page } = visitor;

      await page.locator("tbody tr:nth-child(3)").waitFor();
      await page.getByLabel("Choose all that are shown").check();
      await button(page, "Cancel 3").click();
      await button(page, "Cancel them").click();

      for (const id of ids)
        await stage.daemon.untilRun(id, ({ state }) => state.type === "CANCELLED");
      await page.locator(".empty").waitFor();
      expect(visitor.wrong).toEqual([]);
    },
    SLOW,
  );
});

describe("flows", () => {
  test(
    "are paused, and go on when that is taken back",
    async () => {
      await using visitor = await opened("/");
      const { page } = visitor;
      const flow = () => stage.daemon.json<FlowView>("/api/flows/disk-space");

      await button(page, "Pause disk-space").click();
      await page.locator('tr[data-flow="disk-space"] .tag').waitFor();
      await page.locator(".notice", { hasText: "disk-space is paused" }).waitFor();
      expect((await flow()).schedules[0]?.paused).toBe(true);
      await button(page, "Undo").click();

      await page.locator(".notice", { hasText: "disk-space goes on" }).waitFor();
      expect((await flow()).schedules[0]?.paused).toBe(false);
    },
    SLOW,
  );
});

describe("deliveries", () => {
  test(
    "are redelivered, one from its run and all of them from their list",
    async () => {
      const { id } = await aRunOf(stage.daemon, "sync-stock");
      await using visitor = await opened(`/runs/${id}`);
      const { page } = visitor;

      await page.locator(".deliveries .state.delivered").waitFor();
      await page.locator("tr", { hasText: "slack" }).getByRole("button").click();
      await button(page, "Redeliver it").click();
      await page.locator(".notice", { hasText: "slack is rung again" }).waitFor();
      await page.goto("/hooks?status=delivered");
      await button(page, "Redeliver all delivered ones").click();
      await button(page, "Redeliver them").click();

      await page.locator(".notice", { hasText: "will be rung again" }).waitFor();
      const [delivery] = (await stage.daemon.deliveries(id)).filter(({ hook }) =>
        /slack/.test(hook),
      );
      expect(delivery?.replays).toBeGreaterThanOrEqual(1);
    },
    SLOW,
  );
});

describe("the keys", () => {
  test(
    "go everywhere",
    async () => {
      await using visitor = await opened("/");
      const { page } = visitor;
      await page.locator("tr[data-flow]").first().waitFor();

      await page.keyboard.press("/");
      expect(await page.evaluate(() => document.activeElement?.getAttribute("type"))).toBe(
        "search",
      );
      await page.keyboard.type("heart");
      await page.waitForURL(/q=heart/);
      await page.keyboard.press("Escape");
      await page.keyboard.press("j");
      await page.locator("tr.chosen").waitFor();
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/flows\/heartbeat$/);
      await page.keyboard.press("g");
      await page.keyboard.press("r");
      await page.waitForURL(/\/runs$/);
      await page.keyboard.press("g");
      await page.keyboard.press("d");
      await page.waitForURL(/\/hooks$/);
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keys" }).waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await page.goBack();

      await page.waitForURL(/\/runs$/);
      expect(visitor.wrong).toEqual([]);
    },
    SLOW,
  );
});

describe("filters", () => {
  test(
    "are in the address: they survive a reload, and leave out what they are told to",
    async () => {
      await aRunOf(stage.daemon, "heartbeat");
      await aRunOf(stage.daemon, "sync-stock");
      await using visitor = await opened("/runs");
      const { page } = visitor;
      const chip = page.getByRole("button", { name: /^Completed/ });

      await chip.click();
      await page.waitForURL(/state=COMPLETED/);
      await chip.click();
      await page.waitForURL(/state=%21COMPLETED/);
      await page.getByLabel(/^Flow;/).fill("sync-stock");
      await page.keyboard.press("Enter");
      await page.waitForURL(/flow=sync-stock/);
      await page.reload();
      await page.locator("tbody tr .state.failed").first().waitFor();

      const states = await page.locator("tbody tr .state").allTextContents();
      expect(new Set(states)).toEqual(new Set(["Failed"]));
    },
    SLOW,
  );
});
