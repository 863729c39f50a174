import { mkdirSync, readFileSync } from "node:fs";
import axe from "axe-core";
import type { Page } from "playwright-core";
import type { RunView } from "../../../src/domain/run-view.ts";
import { aScene, type Scene, type TestDaemon } from "../../support/daemon.ts";

const CONFIG = readFileSync("test/fixtures/page/flows.config.ts", "utf8");
/** Not in git: for people to look at. */
const SHOTS = "dist/screenshots";

export interface PageScene extends AsyncDisposable {
  readonly scene: Scene;
  readonly daemon: TestDaemon;
}

/** The compiled daemon with a config that has something for every view. */
export async function aPageScene(config = CONFIG): Promise<PageScene> {
  const scene = await aScene(config);
  const daemon = await scene.serve();
  return { scene, daemon, [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() };
}

/** Triggers a flow and waits until its run is over, or paused. */
export async function aRunOf(
  daemon: TestDaemon,
  flow: string,
  ends: readonly string[] = ["COMPLETED", "FAILED", "CANCELLED", "CRASHED", "PAUSED"],
): Promise<RunView> {
  const { id } = await daemon.trigger(flow);
  return await daemon.untilRun(id, ({ state }) => ends.includes(state.type));
}

/** What of a page somebody with a screen reader, or without a mouse, would stumble over. */
export async function barriersIn(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as {
      readonly axe: { run(): Promise<{ violations: readonly Violation[] }> };
    };
    return (await checker.run()).violations;
  });
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png` });
}
