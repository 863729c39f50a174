import { signal } from "@preact/signals";

/** What the daemon answered: a value, or why there is none. */
export type Answer<Value> =
  | { readonly ok: true; readonly value: Value; readonly text: string }
  | { readonly ok: false; readonly status: number; readonly message: string };

/** One page of a list. */
export interface Items<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}

/** The daemon wants to know who asks. */
export const isTokenNeeded = signal(false);
/** Whoever looks has a token that may only read. */
export const isReadOnly = signal(false);
/** It answered the last time that it was asked. */
export const isReachable = signal(true);

/**
 * Asks the daemon for something. Never throws: a daemon that is gone is an answer, with status 0. What says the
 * same as the answer before is that answer: it need not be read, and what is drawn of it need not be drawn again.
 */
export function ask<Value>(path: string, before?: Answer<Value>): Promise<Answer<Value>> {
  return fetched<Value>(path, {}, before);
}

/** Asks the daemon to do something. */
export function tell<Value>(
  path: string,
  body: unknown = {},
  method: "POST" | "PUT" | "DELETE" = "POST",
): Promise<Answer<Value>> {
  const headers = { "content-type": "application/json" };
  return fetched<Value>(path, { method, headers, body: JSON.stringify(body) });
}

async function fetched<Value>(
  path: string,
  init: RequestInit,
  before?: Answer<Value>,
): Promise<Answer<Value>> {
  try {
    const response = await fetch(path, { ...init, credentials: "same-origin" });
    const text = await response.text();
    isReachable.value = true;
    if (response.status === 401) isTokenNeeded.value = true;
    const scope = response.headers.get("tocsin-scope");
    if (scope !== null) isReadOnly.value = scope === "read";
    if (response.ok || isReadiness(response, path)) {
      if (before?.ok === true && before.text === text) return before;
      return { ok: true, value: (text === "" ? null : JSON.parse(text)) as Value, text };
    }
    return { ok: false, status: response.status, message: detailOf(text, response.status) };
  } catch {
    isReachable.value = false;
    return { ok: false, status: 0, message: "The daemon does not answer" };
  }
}

/** That it is not ready is an answer too, with what is wrong in it. */
function isReadiness({ status, headers }: Response, path: string): boolean {
  const type = headers.get("content-type") ?? "";
  return status === 503 && path.startsWith("/readyz") && type.startsWith("application/json");
}

/** What is wrong, in the daemon's own words (RFC 9457). */
function detailOf(text: string, status: number): string {
  try {
    const problem = JSON.parse(text) as { readonly detail?: unknown; readonly problems?: unknown };
    if (typeof problem.detail === "string") return problem.detail;
  } catch {
    // It may be no problem of ours, but one of a proxy before us.
  }
  return text.length > 0 && text.length < 300 ? text : `The daemon answered ${status}`;
}
