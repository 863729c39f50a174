import { html } from "hono/html";
import type { ErrorInfo } from "../domain/failure.ts";
import type { Run } from "../domain/run.ts";
import { type RunView, runView } from "../domain/run-view.ts";
import type { DeliveryView, LogView, RunHistory, TransitionView } from "../store/run-history.ts";
import { moment, page, stateMark } from "./page.ts";

const LINES_MAX = 500;

type Html = ReturnType<typeof html>;

/** One run for people: where the links of notifications lead. */
export async function runPage(history: RunHistory, run: Run): Promise<Html> {
  const [transitions, lines, deliveries] = await Promise.all([
    history.listTransitions(run),
    history.listLogs(run, { tail: LINES_MAX, limit: LINES_MAX }),
    history.listDeliveries(run),
  ]);
  const view = runView(run);
  return page(
    view.name,
    html`<p><a href="/">all runs</a></p>
<h1>${view.name} <span class="dim">of ${view.flow}</span></h1>
<p>${stateMark(view.state.type, view.state.name)} ${view.state.message}</p>
${factsOf(view)}
${view.state.error === undefined ? "" : html`<h2>Error</h2><pre>${errorText(view.state.error)}</pre>`}
<h2>States</h2><table>${transitions.map(transitionRow)}</table>
<h2>Hooks</h2>${deliveries.length === 0 ? html`<p class="dim">No hook was rung.</p>` : html`<table>${deliveries.map(deliveryRow)}</table>`}
<h2>Log</h2>${lines.length === 0 ? html`<p class="dim">No lines.</p>` : html`<pre>${lines.map(logText).join("\n")}</pre>`}`,
  );
}

function factsOf(view: RunView): Html {
  const facts = [
    ["id", view.id],
    ["attempt", String(view.attempt)],
    ["tags", view.tags.join(", ")],
    ["due", view.scheduledFor === undefined ? "" : moment(view.scheduledFor)],
    ["started", moment(view.startedAt)],
    ["ended", moment(view.endedAt)],
    ["parameters", JSON.stringify(view.parameters)],
    ["result", view.result === undefined ? "" : JSON.stringify(view.result)],
  ] as const;
  const rows = facts.filter(([, value]) => value !== "");
  return html`<table>${rows.map(([name, value]) => html`<tr><th>${name}</th><td>${value}</td></tr>`)}</table>`;
}

function transitionRow({ state, task }: TransitionView): Html {
  const whose = task === undefined ? "" : html` <span class="dim">task ${task}</span>`;
  return html`<tr><td>${moment(state.at)}</td><td>${stateMark(state.type, state.name)}${whose}</td><td>${state.message}</td></tr>`;
}

function deliveryRow({ hook, status, attempts, reason, nextAttemptAt }: DeliveryView): Html {
  const why = reason ?? attempts.at(-1)?.error?.message ?? "";
  const next =
    nextAttemptAt === undefined || attempts.length === 0
      ? ""
      : html` next attempt ${moment(nextAttemptAt)}`;
  return html`<tr><td>${hook}</td><td>${stateMark(status, status)}</td><td>${attempts.length === 1 ? "1 attempt" : `${attempts.length} attempts`}${next}</td><td>${why}</td></tr>`;
}

function logText({ at, level, text }: LogView): string {
  return `${at.slice(11, 23)} ${level.padEnd(5)} ${text}`;
}

/** The error with its causes, outermost first. */
function errorText({ name, message, stack, cause }: ErrorInfo): string {
  const own = stack ?? `${name}: ${message}`;
  return cause === undefined ? own : `${own}\ncaused by ${errorText(cause)}`;
}
