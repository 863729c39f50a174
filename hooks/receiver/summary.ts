import type { AnyContext, DecisionContext, HookContext } from "../../src/sdk/mod.ts";
import { cut, cutTo } from "./cut.ts";

/** Titles and facts are short by nature; these keep what is not from filling a whole message. */
const TITLE_MAX = 400;
const FACT_MAX = 250;

/** What happened, for people, in the parts that messages are laid out from. Plain text without markup. */
export interface Summary {
  /** One line: `Run "brave-otter" of flow "report" entered Failed`. */
  readonly title: string;
  /** The root cause or the reason; may be empty, may have several lines. */
  readonly message: string;
  /** What else a message names: label and text, in the order in which they are shown. */
  readonly facts: readonly (readonly [label: string, text: string])[];
  /** The page of the run, or of the flow. */
  readonly url: string;
  readonly tone: Tone;
}

/** How bad it is: what colours, icons and priorities are chosen by. */
export type Tone = "good" | "bad" | "warning" | "neutral";

/** Puts a transition, or a due time without a run, into words. */
export function summaryOf(context: AnyContext): Summary {
  const summary = context.decision === undefined ? ofRun(context) : ofDecision(context);
  return {
    ...summary,
    title: cut(summary.title, TITLE_MAX),
    facts: summary.facts.map(([label, text]) => [label, cut(text, FACT_MAX)]),
  };
}

/** The summary with as much of its message as makes it fit; all else is short enough. */
export function fitted(summary: Summary, fits: (shorter: Summary) => boolean): Summary {
  const message = cutTo(summary.message, (text) => fits({ ...summary, message: text }));
  return { ...summary, message };
}

/** The message and the facts, for receivers that show text as it is. */
export function plainText({ message, facts }: Summary): string {
  const lines = facts.map(([label, text]) => `${label}: ${text}`).join("\n");
  return message === "" ? lines : `${message}\n\n${lines}`;
}

/** The name of what happened in a word, for titles and tags: "Failed", "Late", "Skipped". */
export function eventOf(context: AnyContext): string {
  if (context.decision !== undefined) {
    return context.decision.kind === "missed" ? "Missed" : "Skipped";
  }
  const { moment } = context.delivery;
  if (moment === "onRecovered") return "Recovered";
  if (moment === "onRegressed") return "Regressed";
  return moment === "onRunningLong" ? "Running long" : context.state.name;
}

function ofRun(context: HookContext): Summary {
  const { run, task, state, urls } = context;
  return {
    title: titleOf(context),
    message: state.error?.message ?? state.message,
    facts: [
      ["Flow", run.flow],
      ["Run", run.name],
      ...(task === undefined ? [] : [["Task", task] as const]),
      ["State", state.name],
      ["Tags", run.tags.length === 0 ? "none" : run.tags.join(", ")],
      ["Scheduled start", run.scheduledFor ?? `${run.createdAt} (by hand)`],
    ],
    url: urls.run,
    tone: toneOf(context),
  };
}

function titleOf({ flow, run, task, state, delivery }: HookContext): string {
  const whose = `run "${run.name}" of flow "${flow.name}"`;
  switch (delivery.moment) {
    case "onRecovered":
      return `Flow "${flow.name}" has recovered: run "${run.name}" entered ${state.name}`;
    case "onRegressed":
      return `Flow "${flow.name}" has begun to fail: run "${run.name}" entered ${state.name}`;
    case "onLate":
      return `R${whose.slice(1)} is late: it has not been started yet`;
    case "onRunningLong":
      return `R${whose.slice(1)} is running for longer than expected, since ${state.at}`;
    default:
      return `${task === undefined ? `R${whose.slice(1)}` : `Task "${task}" in ${whose}`} entered ${state.name}`;
  }
}

function toneOf({ state, delivery }: HookContext): Tone {
  if (delivery.moment === "onLate" || delivery.moment === "onRunningLong") return "warning";
  switch (state.type) {
    case "COMPLETED":
      return "good";
    case "FAILED":
    case "CRASHED":
      return "bad";
    case "CANCELLING":
    case "CANCELLED":
      return "warning";
    default:
      return delivery.moment === "onRetry" ? "warning" : "neutral";
  }
}

function ofDecision({ flow, decision, urls }: DecisionContext): Summary {
  return {
    title: `Flow "${flow.name}" was not run at ${decision.dueAt}: ${decision.kind}`,
    message: decision.reason,
    facts: [
      ["Flow", flow.name],
      ["Schedule", decision.schedule],
      ["Due", decision.dueAt],
      ["Tags", flow.tags.length === 0 ? "none" : flow.tags.join(", ")],
    ],
    url: urls.run,
    tone: "warning",
  };
}
