import type { Context, Hono } from "hono";
import { homePage } from "../dashboard/home-page.ts";
import { PAGE_POLICY } from "../dashboard/page.ts";
import { runPage } from "../dashboard/run-page.ts";
import type { ApiDeps } from "./api-deps.ts";
import { requireRun } from "./require.ts";

/** The page: `/` and `/runs/:run`, plain documents without a script. */
export function addPageRoutes(app: Hono, deps: ApiDeps): void {
  const { history } = deps;
  app.get("/", async (c) =>
    answerPage(c, await homePage(history, deps.generation().manifest.flows)),
  );
  app.get("/runs/:run", async (c) => {
    return answerPage(c, await runPage(history, await requireRun(deps, c.req.param("run"))));
  });
}

function answerPage(
  c: Context,
  document: Awaited<ReturnType<typeof homePage>>,
): Response | Promise<Response> {
  c.header("content-security-policy", PAGE_POLICY);
  return c.html(document);
}
