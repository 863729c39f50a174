import { html } from "hono/html";
import type { FlowSpec } from "../domain/flow.ts";
import type { Run } from "../domain/run.ts";
import { runView } from "../domain/run-view.ts";
import type { RunHistory } from "../store/run-history.ts";
import { moment, page, stateMark } from "./page.ts";

const RUNS_MAX = 50;

type Html = ReturnType<typeof html>;

/** The flows of the config. */
interface KnownFlows {
  readonly flows: readonly FlowSpec[];
  /** When a flow is due next, ISO 8601; undefined for one that is not. */
  nextDueAt(flow: FlowSpec): string | undefined;
}

/** The flows with their latest runs, and the newest runs of all. */
export async function homePage(
  history: RunHistory,
  { flows, nextDueAt }: KnownFlows,
): Promise<Html> {
  const [latest, newest] = await Promise.all([
    history.latestRuns(),
    history.listRuns({ limit: RUNS_MAX }),
  ]);
  return page(
    "Runs",
    html`<h1>tocsin</h1>
<h2>Flows</h2>
<table><tr><th>flow</th><th>latest run</th><th>next due</th><th></th></tr>${flows.map((flow) =>
      flowRow(flow, { latest: latest.get(flow.name), nextDueAt: nextDueAt(flow) }),
    )}</table>
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

interface FlowFacts {
  readonly latest: Run | undefined;
  readonly nextDueAt: string | undefined;
}

function flowRow({ name, description }: FlowSpec, { latest, nextDueAt }: FlowFacts): Html {
  const state =
    latest === undefined
      ? html`<span class="dim">never ran</span>`
      : html`<a href="/runs/${latest.id}">${stateMark(latest.state.type, latest.state.name)}</a>`;
  const due = nextDueAt === undefined ? html`<span class="dim">not due</span>` : moment(nextDueAt);
  return html`<tr><td>${name}</td><td>${state}</td><td>${due}</td><td class="dim">${description}</td></tr>`;
}
