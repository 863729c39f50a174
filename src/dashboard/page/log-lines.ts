import { useSignal } from "@preact/signals";
import { useCallback, useEffect } from "preact/hooks";
import type { RunView } from "../../domain/run-view.ts";
import { isTerminal } from "../../domain/state.ts";
import type { LogView } from "../../store/run-history.ts";
import { ask, type Items } from "./ask.ts";
import { clockOf } from "./words.ts";

/** A row of the log: a line of it, or a further line of a text that has several. */
export interface LogRow {
  readonly no: number;
  readonly level: string;
  /** Empty in further lines of one text. */
  readonly time: string;
  readonly iso: string;
  readonly text: string;
}

export interface LogLines {
  readonly rows: readonly LogRow[];
  /** Lines before the first of these were not asked for yet. */
  readonly isTail: boolean;
  readonly isLoaded: boolean;
  loadAll(): void;
}

const PAGE = 1_000;
const ROWS_MAX = 100_000;
const POLL_MS = 500;

interface Known {
  readonly path: string;
  readonly rows: readonly LogRow[];
  readonly isTail: boolean;
  readonly isLoaded: boolean;
}

/** The lines of a run from a level up: the newest first of all, then all that come. */
export function useLogLines(run: RunView, level: string): LogLines {
  const path = `/api/runs/${run.id}/logs?limit=${PAGE}${level === "" ? "" : `&level=${level}`}`;
  const nothing: Known = { path, rows: [], isTail: false, isLoaded: false };
  const known = useSignal<Known>(nothing);
  const isOver = isTerminal(run.state.type);
  const load = useLoader(path, known);
  useEffect(() => {
    void load();
    if (isOver) return;
    const timer = setInterval(() => {
      if (!document.hidden) void load();
    }, POLL_MS);
    return () => clearInterval(timer);
  }, [load, isOver, run.state.at]);
  const loadAll = useCallback(() => {
    void (async () => {
      let rows: readonly LogRow[] = [];
      for await (const page of pagesOf(path)) rows = [...rows, ...page.flatMap(rowsOf)];
      known.value = { path, rows: rows.slice(-ROWS_MAX), isTail: false, isLoaded: true };
    })();
  }, [path, known]);
  const shown = known.value.path === path ? known.value : nothing;
  return { ...shown, loadAll };
}

interface KnownSignal {
  value: Known;
  peek(): Known;
}

function useLoader(path: string, known: KnownSignal): () => Promise<void> {
  const isBusy = useSignal("");
  return useCallback(async () => {
    if (isBusy.peek() === path) return;
    isBusy.value = path;
    let isMore = true;
    while (isMore) isMore = await loadOnce(path, known);
    if (isBusy.peek() === path) isBusy.value = "";
  }, [path, known, isBusy]);
}

/** Whether there is more at once. */
async function loadOnce(path: string, known: KnownSignal): Promise<boolean> {
  const before = known.peek().path === path && known.peek().isLoaded ? known.peek() : undefined;
  const last = before?.rows.at(-1)?.no;
  const from = before === undefined ? `tail=${PAGE}` : `after=${last ?? 0}`;
  const answer = await ask<Items<LogView>>(`${path}&${from}`);
  if (!answer.ok) return false;
  const { items } = answer.value;
  if (before !== undefined && items.length === 0) return false;
  const rows = [...(before?.rows ?? []), ...items.flatMap(rowsOf)].slice(-ROWS_MAX);
  const isTail = before?.isTail ?? items.length === PAGE;
  known.value = { path, rows, isTail, isLoaded: true };
  return before !== undefined && items.length === PAGE;
}

/** All lines of a path, a page at a time, oldest first. */
export async function* pagesOf(path: string): AsyncGenerator<readonly LogView[]> {
  let after = 0;
  for (;;) {
    const answer = await ask<Items<LogView>>(`${path}&after=${after}`);
    if (!answer.ok || answer.value.items.length === 0) return;
    yield answer.value.items;
    after = answer.value.items.at(-1)?.no ?? after;
    if (answer.value.items.length < PAGE) return;
  }
}

function rowsOf({ no, at, level, text }: LogView): LogRow[] {
  const time = clockOf(Date.parse(at));
  return text
    .split("\n")
    .map((line, index) => ({ no, level, iso: at, time: index === 0 ? time : "", text: line }));
}
