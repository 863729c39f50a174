import type { Context, Hono } from "hono";

/** `GET /openapi.json`, and `GET /docs`, which shows it. Both are made when they are first asked for. */
export function addOpenApiRoutes(app: Hono): void {
  app.get("/openapi.json", async (c) => {
    const { openApiDocument } = await import("./openapi/document.ts");
    return c.json(openApiDocument());
  });
  app.get("/docs", answerDocs);
}

async function answerDocs(c: Context): Promise<Response> {
  const { docsPage } = await import("./openapi/docs-page.ts");
  const { text, tag, policy } = await docsPage();
  c.header("content-security-policy", policy);
  c.header("cache-control", "private, no-cache");
  c.header("etag", tag);
  if (c.req.header("if-none-match") === tag) return c.body(null, 304);
  return c.body(text, 200, { "content-type": "text/html; charset=utf-8" });
}
