import { signal } from "@preact/signals";
import { type Answer, tell } from "./ask.ts";
import { bump } from "./live.ts";

/** What was done, or could not be, for a while at the edge of the page. */
export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly isBad: boolean;
  readonly action?: { readonly label: string; readonly run: () => void };
}

export const notices = signal<readonly Notice[]>([]);

/** A question that must be answered before something is done. */
export interface Question {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly answer: (isYes: boolean) => void;
}

export const question = signal<Question | undefined>(undefined);

const SHOWN_MS = 7_000;
let count = 0;

export function notify(notice: Omit<Notice, "id">): void {
  count += 1;
  const id = count;
  notices.value = [...notices.value.slice(-3), { ...notice, id }];
  setTimeout(() => dismiss(id), notice.isBad ? 2 * SHOWN_MS : SHOWN_MS);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** Asks before something that cannot be taken back. */
export function confirmed(asked: Omit<Question, "answer">): Promise<boolean> {
  return new Promise((resolve) => {
    question.value = {
      ...asked,
      answer(isYes) {
        question.value = undefined;
        resolve(isYes);
      },
    };
  });
}

export interface Deed<Value = unknown> {
  readonly path: string;
  readonly body?: unknown;
  /** Said once it is done. */
  readonly done: string;
  /** Takes it back, given what was answered. */
  readonly undo?: { readonly label: string; readonly run: (answered: Value) => void };
}

/** What was asked for and not answered yet: a second press of a button is not a second wish. */
const underWay = new Set<string>();

/** Has something done, says how it went, and has the page look again. */
export async function perform<Value>({
  path,
  body,
  done,
  undo,
}: Deed<Value>): Promise<Answer<Value>> {
  const wish = path + JSON.stringify(body);
  if (underWay.has(wish)) return { ok: false, status: 0, message: "This is being done already" };
  underWay.add(wish);
  const answer = await tell<Value>(path, body);
  underWay.delete(wish);
  if (answer.ok) {
    const { value } = answer;
    const action = undo && { label: undo.label, run: () => undo.run(value) };
    notify({ text: done, isBad: false, ...(action === undefined ? {} : { action }) });
  } else notify({ text: answer.message, isBad: true });
  bump();
  return answer;
}
