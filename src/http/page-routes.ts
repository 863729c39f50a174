import type { Context, Hono } from "hono";
import { pageDocument } from "../dashboard/document.ts";

/** Every view of the page has an address of its own, and all are the same document. */
export const PAGE_VIEWS = [
  "/",
  "/runs",
  "/runs/:run",
  "/flows/:flow",
  "/hooks",
  "/deliveries/:delivery",
  "/system",
];

/** The page. It holds no data, so that whoever may not see any is told so by the API, in the page. */
export function addPageRoutes(app: Hono): void {
  app.on("GET", PAGE_VIEWS, answerDocument);
}

function answerDocument(c: Context): Response {
  const { text, gzipped, tag, policy } = pageDocument();
  c.header("content-security-policy", policy);
  c.header("referrer-policy", "no-referrer");
  c.header("cache-control", "no-cache");
  c.header("etag", tag);
  c.header("vary", "accept-encoding");
  c.header("content-type", "text/html; charset=utf-8");
  if (c.req.header("if-none-match") === tag) return c.body(null, 304);
  if (!/\bgzip\b/.test(c.req.header("accept-encoding") ?? "")) return c.body(text);
  c.header("content-encoding", "gzip");
  return c.body(gzipped);
}
