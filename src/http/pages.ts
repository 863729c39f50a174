import type { Context } from "hono";
import type { Page } from "../store/run-history.ts";

/** Answers one page of a list, with where the next begins where there is more. */
export function answerPage(c: Context, { items, next }: Page<unknown>): Response {
  if (next === undefined) return c.json({ items });
  const cursor = String(next);
  c.header("link", `<${nextAddress(c, cursor)}>; rel="next"`);
  return c.json({ items, next: cursor });
}

/** The same list with the same filters, from the cursor on. Not made from the URL: a strange `Host` is in that. */
function nextAddress({ req }: Context, cursor: string): string {
  const filters = Object.entries(req.queries())
    .filter(([field]) => field !== "cursor")
    .flatMap(([field, values]) => values.map((value) => [field, value]));
  return `${req.path}?${new URLSearchParams([...filters, ["cursor", cursor]])}`;
}
