import { computed, effect, signal } from "@preact/signals";
import { ask, isReachable, isTokenNeeded } from "./ask.ts";

/** Grows when something may have changed: whatever is shown is asked for again. */
export const pulse = signal(0);
/** Milliseconds since 1970, to the second. */
export const now = signal(Date.now());
/** The one run that is looked at, by id: then its tasks are followed, and nothing of others. */
export const watchedRun = signal<string | undefined>(undefined);

type Stream = "opening" | "open" | "broken" | "refused";
const stream = signal<Stream>("opening");

export type Liveness = "live" | "polling" | "connecting" | "gone";

/** How what is shown keeps up with what is. */
export const liveness = computed<Liveness>(() => {
  if (stream.value === "open") return "live";
  if (!isReachable.value || stream.value === "broken") return "gone";
  return stream.value === "refused" ? "polling" : "connecting";
});

const BEAT_MS = 500;
const POLL_MS = 3_000;
const AGAIN_MS = 15_000;
const FIRST_MS = 1_500;
const EVENTS = ["hello", "reset", "transition", "task", "delivery", "config"];

let last = 0;
let waiting: ReturnType<typeof setTimeout> | undefined;

/** Has everything that is shown asked for again: at once, and then at most every so often. */
export function bump(): void {
  if (waiting !== undefined || document.hidden) return;
  const wait = Math.max(0, last + BEAT_MS - Date.now());
  waiting = setTimeout(() => {
    waiting = undefined;
    last = Date.now();
    pulse.value += 1;
  }, wait);
}

const isHidden = signal(document.hidden);

/** Follows the daemon from now on, by its events where it sends them and by asking where it does not. */
export function stayLive(): void {
  setInterval(() => {
    if (!document.hidden) now.value = Date.now();
  }, 1_000);
  setInterval(() => {
    if (stream.value !== "open" && !document.hidden) void look();
  }, POLL_MS);
  document.addEventListener("visibilitychange", () => {
    isHidden.value = document.hidden;
    if (document.hidden) return;
    now.value = Date.now();
    bump();
  });
  // A browser opens few connections to one daemon: pages that nobody looks at give theirs back.
  effect(() => {
    if (isTokenNeeded.value || isHidden.value) events?.close();
    else listen(watchedRun.value);
  });
}

let isFirst = true;
let events: EventSource | undefined;

/** The browser itself connects again, and resumes after the last event that it saw. */
function listen(run: string | undefined): void {
  events?.close();
  const filter = run === undefined ? "" : `?tasks=1&run=${encodeURIComponent(run)}`;
  const opened = new EventSource(`/api/events${filter}`);
  events = opened;
  opened.onopen = () => {
    stream.value = "open";
    isReachable.value = true;
    // What was asked for before the events came is asked for again: at first, when the page is at rest.
    if (isFirst) setTimeout(bump, FIRST_MS);
    else bump();
    isFirst = false;
  };
  opened.onerror = () => {
    if (events !== opened) return;
    const isRefused = opened.readyState === EventSource.CLOSED;
    stream.value = isRefused ? "refused" : "broken";
    if (isRefused) setTimeout(() => again(opened), AGAIN_MS);
  };
  for (const name of EVENTS) opened.addEventListener(name, bump);
}

function again(refused: EventSource): void {
  if (events === refused && !isTokenNeeded.value && !isHidden.value) listen(watchedRun.value);
}

/** Without events: is it there, and might something have changed? */
async function look(): Promise<void> {
  const answer = await ask("/api/status");
  if (answer.ok) bump();
}
