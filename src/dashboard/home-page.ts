import { html } from "hono/html";
import type { FlowSpec } from "../domain/flow.ts";
import { runView } from "../domain/run-view.ts";
import type { RunHistory } from "../store/run-history.ts";
import { moment, page, stateMark } from "./page.ts";

const RUNS_MAX = 50;

type Html = ReturnType<typeof html>;

/** The flows with their latest runs, and the newest runs of all. */
export async function homePage(history: RunHistory, flows: readonly FlowSpec[]): Promise<Html> {
  const [latest, newest] = await Promise.all([
    history.latestRuns(),
    history.listRuns({ limit: RUNS_MAX }),
  ]);
  return page(
    "Runs",
    html`<h1>tocsin</h1>
<h2>Flows</h2>
<table>${flows.map(({ name, description }) => {
      const run = latest.get(name);
      const state =
        run === undefined
          ? html`<span class="dim">never ran</span>`
          : stateMark(run.state.type, run.state.name);
      return html`<tr><td>${name}</td><td>${state}</td><td class="dim">${description}</td></tr>`;
    })}</table>
<h2>Newest runs</h2>
${newest.length === 0 ? html`<p class="dim">None yet. Start one with: tocsin trigger ${flows[0]?.name ?? "FLOW"}</p>` : ""}
<table>${newest
      .map(runView)
      .map(
        (run) =>
          html`<tr><td><a href="/runs/${run.id}">${run.name}</a></td><td>${run.flow}</td><td>${stateMark(run.state.type, run.state.name)}</td><td>${run.state.message}</td><td>${moment(run.createdAt)}</td></tr>`,
      )}</table>`,
  );
}
