import { html } from "hono/html";
import { durationInWords } from "../domain/duration.ts";
import { errorText } from "../domain/error-text.ts";
import type { Run } from "../domain/run.ts";
import { type RunView, runView, type TaskRunView } from "../domain/run-view.ts";
import type { DeliveryView, LogView, RunHistory, TransitionView } from "../store/run-history.ts";
import { moment, page, stateMark } from "./page.ts";

const LINES_MAX = 500;
const TASKS_MAX = 200;
/** Characters of a task's kept result; the API answers it whole. */
const RESULT_MAX = 200;

type Html = ReturnType<typeof html>;

/** One run for people: where the links of notifications lead. */
export async function runPage(history: RunHistory, run: Run): Promise<Html> {
  const [transitions, tasks, lines, deliveries] = await Promise.all([
    history.listTransitions(run),
    history.listTaskRuns(run),
    history.listLogs(run, { tail: LINES_MAX, limit: LINES_MAX }),
    history.listDeliveries(run),
  ]);
  const view = runView(run);
  const ownSteps = transitions.filter(({ taskRun }) => taskRun === undefined);
  return page(
    view.name,
    html`<p><a href="/">all runs</a></p>
<h1>${view.name} <span class="dim">of ${view.flow}</span></h1>
<p>${stateMark(view.state.type, view.state.name)} ${view.state.message}</p>
${factsOf(view)}
${view.state.error === undefined ? "" : html`<h2>Error</h2><pre>${errorText(view.state.error)}</pre>`}
${tasksOf(tasks)}
<h2>States</h2><table>${ownSteps.map(transitionRow)}</table>
<h2>Hooks</h2>${deliveries.length === 0 ? html`<p class="dim">No hook was rung.</p>` : html`<table>${deliveries.map(deliveryRow)}</table>`}
<h2>Log</h2>${lines.length === 0 ? html`<p class="dim">No lines.</p>` : html`<pre>${lines.map(logText).join("\n")}</pre>`}`,
  );
}

function factsOf(view: RunView): Html {
  const facts = [
    ["id", view.id],
    [
      "parent",
      view.parent === undefined ? "" : html`<a href="/runs/${view.parent}">${view.parent}</a>`,
    ],
    ["attempt", String(view.attempt)],
    ["priority", view.priority === 0 ? "" : String(view.priority)],
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

/** The newest tasks, so that what went on last is there; nothing for a run without any. */
function tasksOf(tasks: readonly TaskRunView[]): Html | string {
  if (tasks.length === 0) return "";
  const shown = tasks.slice(-TASKS_MAX);
  const left = tasks.length - shown.length;
  const note =
    left === 0
      ? ""
      : html`<p class="dim">The newest ${shown.length} of ${tasks.length}; all: tocsin runs show</p>`;
  return html`<h2>Tasks</h2>${note}<table>${shown.map(taskRow)}</table>`;
}

function taskRow(taskRun: TaskRunView): Html {
  const { task, call, state, attempt, startedAt, endedAt, result } = taskRun;
  const ended = endedAt === undefined ? undefined : Date.parse(endedAt);
  const took =
    startedAt === undefined || ended === undefined
      ? ""
      : durationInWords(Math.max(0, ended - Date.parse(startedAt)));
  const attempts = attempt > 1 ? `${attempt} attempts` : "";
  const text = result === undefined ? "" : JSON.stringify(result);
  const answer = text.length > RESULT_MAX ? `${text.slice(0, RESULT_MAX)}…` : text;
  return html`<tr><td>${task}${call === 0 ? "" : html` <span class="dim">call ${call}</span>`}</td><td>${stateMark(state.type, state.name)}</td><td>${took}</td><td>${attempts}</td><td>${state.message}${answer}</td></tr>`;
}

function transitionRow({ state }: TransitionView): Html {
  return html`<tr><td>${moment(state.at)}</td><td>${stateMark(state.type, state.name)}</td><td>${state.message}</td></tr>`;
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
