import { setTimeout as wait } from "node:timers/promises";
import type { Api } from "./client.ts";
import { readFamily } from "./family.ts";
import type { LiveArea } from "./live-area.ts";
import { painterFor } from "./printer.ts";
import type { Session } from "./session.ts";
import { taskTree } from "./task-tree.ts";

const PAUSE_LEAST_MS = 100;
/** Asking for ten thousand task runs takes a while: at most a fifth of the time goes into it. */
const PAUSE_FACTOR = 4;
const WIDTH_DEFAULT = 80;
const HEIGHT_DEFAULT = 24;

/** Whether the session's standard error is a terminal on which lines can be drawn again. */
export function canBeLive({ context, globals }: Session): boolean {
  return context.stderr.isTTY && context.env["TERM"] !== "dumb" && globals.quiet !== true;
}

/** Draws a run's tasks and child runs until `stop`, which draws them as they ended. */
export function showTasks(
  session: Session,
  api: Api,
  { run, area }: Shown,
): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const drawing = drawUntil(stopped.signal, () => drawOnce(session, api, { run, area }));
  return {
    async stop() {
      stopped.abort();
      await drawing;
      area.end();
    },
  };
}

/** Which run is shown, and where. */
export interface Shown {
  readonly run: string;
  readonly area: LiveArea;
}

async function drawUntil(signal: AbortSignal, draw: () => Promise<void>): Promise<void> {
  try {
    for (;;) {
      const isLast = signal.aborted;
      const before = performance.now();
      await draw();
      if (isLast) return;
      const tookMs = performance.now() - before;
      await pause(Math.max(PAUSE_LEAST_MS, PAUSE_FACTOR * tookMs), signal);
    }
  } catch {
    // The command itself asks the same daemon and tells what is wrong with it: a picture less is no failure.
  }
}

async function drawOnce(session: Session, api: Api, { run, area }: Shown): Promise<void> {
  const family = await readFamily(api, await api.findRun(run));
  const { context, globals } = session;
  const { columns, rows } = context.stderr;
  const lines = taskTree(family, {
    // One less than there are: a full line or screen makes some terminals wrap or scroll.
    width: given(columns, WIDTH_DEFAULT) - 1,
    height: given(rows, HEIGHT_DEFAULT) - 1,
    now: context.now(),
    unicode: isUnicode(context.env),
    paint: painterFor(context, globals, context.stderr),
  });
  area.draw(lines);
}

/** Some terminals, those without a person before them above all, say that they are 0 by 0 large. */
function given(size: number | undefined, instead: number): number {
  return size === undefined || size <= 0 ? instead : size;
}

/** By the environment, as libc decides it: the first of the three that is set counts. */
function isUnicode(env: Session["context"]["env"]): boolean {
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find(
    (value) => (value ?? "") !== "",
  );
  return /utf-?8/i.test(locale ?? "");
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
