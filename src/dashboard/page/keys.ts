import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { question } from "./notices.ts";
import { go } from "./router.ts";

export const isHelpOpen = signal(false);

/** Every key and what it does, as the help shows it. */
export const KEYS = [
  ["/", "search"],
  ["g h", "home"],
  ["g r", "runs"],
  ["g d", "deliveries and hooks"],
  ["g s", "system"],
  ["j, k", "next and previous row"],
  ["Enter", "open the row"],
  ["?", "these keys"],
  ["Esc", "close, or leave the field"],
] as const;

interface Rows {
  readonly count: number;
  readonly open: (index: number) => void;
  readonly isRow: (index: number) => boolean;
}

/** The row that j and k have come to; none at first. */
export const chosenRow = signal(-1);
let rows: Rows | undefined;

/** Lets j, k and Enter walk through the rows of a view, but for those that are none. */
export function useRowKeys(
  count: number,
  open: (index: number) => void,
  isRow: (index: number) => boolean = () => true,
): void {
  useEffect(() => {
    rows = { count, open, isRow };
    return () => {
      rows = undefined;
    };
  });
  useEffect(() => {
    chosenRow.value = -1;
  }, []);
}

const PLACES: Readonly<Record<string, string>> = { h: "/", r: "/runs", d: "/hooks", s: "/system" };
let isGoing = false;

export function listenToKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (isNotForUs(event)) return;
    if (isTyping(event.target)) {
      if (event.key === "Escape" && event.target instanceof HTMLElement) event.target.blur();
      return;
    }
    if (press(event.key, event.target)) event.preventDefault();
  });
}

function isNotForUs({ ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return ctrlKey || metaKey || altKey || question.value !== undefined;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, dialog") !== null;
}

/** Whether the key meant something here. */
function press(key: string, target: EventTarget | null): boolean {
  if (isGoing) {
    isGoing = false;
    const to = PLACES[key];
    if (to !== undefined) go(to);
    return to !== undefined;
  }
  switch (key) {
    case "g":
      isGoing = true;
      return true;
    case "/":
      return focusSearch();
    case "?":
      isHelpOpen.value = true;
      return true;
    case "j":
      return walk(1);
    case "k":
      return walk(-1);
    case "Enter":
      return target instanceof Element && target.closest("a, button") !== null ? false : open();
    default:
      return false;
  }
}

function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>("input[type=search]");
  field?.focus();
  field?.select();
  return field !== null;
}

function walk(by: number): boolean {
  if (rows === undefined || rows.count === 0) return false;
  const { count, isRow } = rows;
  let next = chosenRow.value + by;
  while (next >= 0 && next < count && !isRow(next)) next += by;
  if (next >= 0 && next < count) chosenRow.value = next;
  return true;
}

function open(): boolean {
  if (rows === undefined || chosenRow.value < 0) return false;
  rows.open(chosenRow.value);
  return true;
}
