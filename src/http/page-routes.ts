import type { Context, Hono } from "hono";
import { homePage } from "../dashboard/home-page.ts";
import { PAGE_POLICY } from "../dashboard/page.ts";
import { problemPage } from "../dashboard/problem-page.ts";
import { runPage } from "../dashboard/run-page.ts";
import type { FlowSpec } from "../domain/flow.ts";
import type { ApiDeps } from "./api-deps.ts";
import { Problem } from "./problems.ts";
import { requireRun } from "./require.ts";

/** The page: `/` and `/runs/:run`, plain documents without a script. */
export function addPageRoutes(app: Hono, deps: ApiDeps): void {
  const { history } = deps;
  app.get("/", async (c) => {
    const { flows } = deps.generation().manifest;
    const nextDueAt = (flow: FlowSpec) => deps.upcoming?.(flow, { n: 1 })[0]?.dueAt;
    return await answerPage(c, await homePage(history, { flows, nextDueAt }));
  });
  app.get("/runs/:run", async (c) => {
    try {
      return await answerPage(
        c,
        await runPage(history, await requireRun(deps, c.req.param("run"))),
      );
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      c.status(error.status);
      return await answerPage(c, await problemPage(error.message));
    }
  });
}

function answerPage(
  c: Context,
  document: Awaited<ReturnType<typeof homePage>>,
): Response | Promise<Response> {
  c.header("content-security-policy", PAGE_POLICY);
  return c.html(document);
}
