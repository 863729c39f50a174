import type { Json } from "./json.ts";
import { secretForms } from "./secret-forms.ts";

/** What stands where a secret stood. */
const REDACTED = "‹redacted›";
/** Shorter texts are not looked for: they would be found everywhere. */
const LENGTH_MIN = 4;
/** Values that were replaced or deleted: whoever loaded them before may still say them. */
const FORMER_MAX = 100;

/** Finds secrets in texts, by value. Costs nothing while it knows none. */
export interface Redactor {
  /** Looks for every text in `value` from now on, in the place of what `owner` held before. */
  learn(owner: string, value: Json): void;
  /** The owner is no more. Its value is looked for still, until many others were forgotten after it. */
  forget(owner: string): void;
  /** Whether there is anything to look for. */
  isIdle(): boolean;
  redact(text: string): string;
}

export function createRedactor(): Redactor {
  const present = new Map<string, string>();
  const former: string[] = [];
  let index: Index | undefined;
  const retire = (owner: string) => {
    const value = present.get(owner);
    if (value === undefined) return;
    former.push(value);
    present.delete(owner);
    if (former.length > FORMER_MAX) former.shift();
    index = undefined;
  };
  return {
    learn(owner, value) {
      const text = JSON.stringify(value);
      if (present.get(owner) === text) return;
      retire(owner);
      present.set(owner, text);
      index = undefined;
    },
    forget: retire,
    isIdle: () => present.size === 0 && former.length === 0,
    redact(text) {
      if (present.size === 0 && former.length === 0) return text;
      index ??= indexOf([...present.values(), ...former]);
      return replaceIn(text, index);
    },
  };
}

/** Under these keys stand words of ours, which no secret may change: a program reads them. */
const OUR_KEYS: ReadonlySet<string> = new Set([
  ...["id", "name", "type", "kind", "status", "state", "level", "moment", "flow", "task"],
  ...["hook", "schedule", "parent", "taskRun", "run", "bootId", "key", "at", "scheduledFor"],
]);
/** Under these stands what users gave: there nothing is ours. */
const USER_KEYS: ReadonlySet<string> = new Set(["parameters", "result", "value", "input"]);
const ERROR_KEYS: ReadonlySet<string> = new Set(["error", "cause"]);

/** The same data with every text in it redacted. Shape, numbers and our own words stay as they are. */
export function redactData<Data>(redactor: Redactor, data: Data): Data {
  if (redactor.isIdle()) return data;
  // Texts become texts, and nothing else changes.
  return walk(redactor, data, { key: "", users: "nothing" }) as Data;
}

interface Place {
  readonly key: string;
  /** What of it users chose. */
  readonly users: "nothing" | "values" | "keys and values";
}

function walk(redactor: Redactor, data: unknown, place: Place): unknown {
  if (typeof data === "string") return isOurs(place) ? data : redactor.redact(data);
  if (typeof data !== "object" || data === null) return data;
  if (Array.isArray(data)) return data.map((part: unknown) => walk(redactor, part, place));
  const shown = (key: string) => (place.users === "keys and values" ? redactor.redact(key) : key);
  return Object.fromEntries(
    Object.entries(data).map(([key, part]) => [
      shown(key),
      walk(redactor, part, { key, users: usersIn(key, place) }),
    ]),
  );
}

function usersIn(key: string, { users }: Place): Place["users"] {
  if (users === "keys and values" || USER_KEYS.has(key)) return "keys and values";
  return ERROR_KEYS.has(key) ? "values" : users;
}

function isOurs({ key, users }: Place): boolean {
  return users === "nothing" && (OUR_KEYS.has(key) || key.endsWith("At"));
}

/**
 * The forms that are looked for, by their first four characters. Not one expression of all of them: bun refuses
 * one of many thousand forms ("regular expression too large"), and is slow long before.
 */
interface Index {
  /** 1 for each window that a form begins with. */
  readonly windows: Uint8Array;
  /** Longest first. */
  readonly forms: ReadonlyMap<number, readonly string[]>;
}

function indexOf(values: readonly string[]): Index {
  const windows = new Uint8Array(65_536);
  const forms = new Map<number, string[]>();
  const found = new Set(values.flatMap((value) => secretForms(JSON.parse(value) as Json)));
  for (const form of [...found].sort((a, b) => b.length - a.length)) {
    if (form.length < LENGTH_MIN) continue;
    const window = [0, 1, 2, 3].reduce((sum, at) => moved(sum, form.charCodeAt(at)), 0);
    windows[window] = 1;
    const others = forms.get(window);
    if (others === undefined) forms.set(window, [form]);
    else others.push(form);
  }
  return { windows, forms };
}

/** Sixteen bits that the last four characters decide. */
function moved(window: number, character: number): number {
  return ((window << 4) ^ character) & 0xffff;
}

function replaceIn(text: string, { windows, forms }: Index): string {
  let replaced = "";
  let copied = 0;
  let window = 0;
  for (let at = 0; at < text.length; at += 1) {
    window = moved(window, text.charCodeAt(at));
    if (windows[window] === 0) continue;
    const start = at - LENGTH_MIN + 1;
    if (start < copied) continue;
    const found = forms.get(window)?.find((form) => text.startsWith(form, start));
    if (found === undefined) continue;
    replaced += text.slice(copied, start) + REDACTED;
    copied = start + found.length;
    at = copied - 1;
  }
  return copied === 0 ? text : replaced + text.slice(copied);
}
