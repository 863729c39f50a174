import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { openBrowser } from "../page/support/browser.ts";
import { configText } from "../support/configs.ts";
import { aScene } from "../support/daemon.ts";
import { until } from "../support/until.ts";

const STORY_MS = 120_000;
const CONFIG = configText({
  code: `const one = flow({ name: "one", run: () => 1 });`,
  flows: ["one"],
});

/** What a page of somebody else tries: each answers what it got hold of. */
function attack(page: Page, daemon: string): Promise<readonly string[]> {
  return page.evaluate(async (url) => {
    const trigger = `${url}/api/flows/one/runs`;
    const outcome = (tried: Promise<Response>) =>
      tried.then(
        async (answer) => `${answer.type} ${answer.status} ${await answer.text()}`,
        () => "refused",
      );
    const post = (type: string, mode: RequestMode) =>
      outcome(
        fetch(trigger, {
          ...{ method: "POST", mode, credentials: "include", body: "{}" },
          headers: { "content-type": type },
        }),
      );
    const stream = (withCredentials: boolean) =>
      new Promise<string>((resolve) => {
        const events = new EventSource(`${url}/api/events`, { withCredentials });
        events.onopen = () => resolve("open");
        events.onerror = () => {
          events.close();
          resolve("refused");
        };
      });
    const picture = (path: string) =>
      new Promise<string>((resolve) => {
        const image = new Image();
        image.onload = () => resolve("loaded");
        image.onerror = () => resolve("refused");
        image.src = url + path;
      });
    const form = (type: string) => {
      const frame = document.body.appendChild(document.createElement("iframe"));
      frame.name = `frame-${type}`;
      const made = document.body.appendChild(document.createElement("form"));
      Object.assign(made, { method: "post", action: trigger, enctype: type, target: frame.name });
      made.submit();
      return Promise.resolve("sent");
    };
    const soon = (tried: Promise<string>) =>
      Promise.race([
        tried,
        new Promise<string>((resolve) => setTimeout(() => resolve("nothing came"), 30_000)),
      ]);
    return await Promise.all(
      [
        post("text/plain", "no-cors"),
        post("application/json", "cors"),
        post("text/plain", "cors"),
        outcome(fetch(`${url}/api/runs`, { credentials: "include" })),
        stream(false),
        stream(true),
        picture("/api/events"),
        picture("/metrics"),
        form("text/plain"),
        form("application/x-www-form-urlencoded"),
      ].map(soon),
    );
  }, daemon);
}

/** How many of them reach the daemon as a write: the others end with the question whether they may. */
const WRITES = 4;
const NOTHING = [
  "opaque 0 ",
  ...["refused", "refused", "refused", "refused", "refused", "refused", "refused"],
  ...["sent", "sent"],
];

test(
  "in a real browser a page of another site, and one of another port, get nowhere, logged in or not",
  async () => {
    await using scene = await aScene(CONFIG);
    const daemon = await scene.serve();
    const port = new URL(daemon.url).port;
    const stranger = Bun.serve({
      ...{ hostname: "127.0.0.1", port: 0 },
      fetch: () =>
        new Response("<!doctype html><body>", { headers: { "content-type": "text/html" } }),
    });
    const browser = await openBrowser(["--host-resolver-rules=MAP *.example 127.0.0.1"]);
    try {
      const page = await browser.newPage();
      const others = [`http://evil.example:${stranger.port}`, `http://127.0.0.1:${stranger.port}`];
      for (const other of others) {
        await page.goto(other);
        expect([other, await attack(page, daemon.url)]).toEqual([other, NOTHING]);
      }

      const rebound = await page.goto(`http://rebound.example:${port}/`);
      expect(rebound?.status()).toBe(421);
      expect(await attack(page, `http://rebound.example:${port}`)).not.toContain("open");

      const { out } = await scene.tocsin(["token", "new", "page", "--scope", "write"]);
      await page.goto(daemon.url);
      const login = await page.evaluate(async (token) => {
        const headers = { "content-type": "application/json" };
        const body = JSON.stringify({ token });
        const answer = await fetch("/api/login", { method: "POST", headers, body });
        const runs = await fetch("/api/runs");
        return [answer.status, runs.status, document.cookie];
      }, out.trim());
      expect(login).toEqual([204, 200, ""]);
      for (const other of others) {
        await page.goto(other);
        expect([other, await attack(page, daemon.url)]).toEqual([other, NOTHING]);
      }

      await page.goto(daemon.url);
      const [items, clients] = await page.evaluate(async () => {
        const runs = await (await fetch("/api/runs")).json();
        const metrics = await (await fetch("/metrics")).text();
        return [runs.items, /^tocsin_event_clients (\d+)$/m.exec(metrics)?.[1]];
      });
      expect(items).toEqual([]);
      expect(Number(clients)).toBeLessThanOrEqual(1);
      const tried = () => daemon.log().match(/ asked POST \/api\/flows\/one\/runs: \d+/g) ?? [];
      await until("each write that was tried is on record", () => tried().length >= 4 * WRITES);
      expect(tried().filter((line) => !line.endsWith(": 403"))).toEqual([]);
    } finally {
      await browser.close();
      await stranger.stop(true);
    }
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);
