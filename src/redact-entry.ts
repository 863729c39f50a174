import type { Ringer, Rung } from "./domain/delivery.ts";
import type { LogLine, Outcome, RunLedger } from "./domain/executor.ts";
import { type Redactor, redactData } from "./domain/redaction.ts";
import type { TaskRun, Transition } from "./domain/run.ts";
import type { Log, LogFields } from "./log.ts";

/*
 * Where words of user code come in: they are redacted before anything keeps them. Results stay as they are,
 * because a flow must get back what it returned; they are redacted where they are shown.
 */

/** A ledger that is told no secrets. */
export function redactingLedger(ledger: RunLedger, redactor: Redactor): RunLedger {
  return {
    claim: (offers, node) => ledger.claim(offers, node),
    started: (...of) => ledger.started(...of),
    release: (...of) => ledger.release(...of),
    heartbeat: (...of) => ledger.heartbeat(...of),
    log: (runId, token, lines) => ledger.log(runId, token, redactLines(redactor, lines)),
    tasks: (runId, token, transitions) =>
      ledger.tasks(runId, token, redactTransitions(redactor, transitions)),
    finish: (runId, token, ended) =>
      ledger.finish(runId, token, { ...ended, outcome: redactOutcome(redactor, ended.outcome) }),
  };
}

/** A ringer whose records hold no secrets. */
export function redactingRinger(ringer: Ringer, redactor: Redactor): Ringer {
  return {
    room: () => ringer.room(),
    ring: async (ringing, options) => redactRung(redactor, await ringer.ring(ringing, options)),
    stop: (graceMs) => ringer.stop(graceMs),
  };
}

/** A log that no secrets are written to. */
export function redactingLog(log: Log, redactor: Redactor): Log {
  const at =
    (level: keyof Log) =>
    (message: string, fields?: LogFields): void => {
      const shown = redactor.redact(message);
      if (fields === undefined) log[level](shown);
      else log[level](shown, redactFields(redactor, fields));
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function redactLines(redactor: Redactor, lines: readonly LogLine[]): readonly LogLine[] {
  if (redactor.isIdle()) return lines;
  return lines.map((line) => {
    const text = redactor.redact(line.text);
    return text === line.text ? line : { ...line, text };
  });
}

function redactTransitions(
  redactor: Redactor,
  transitions: readonly Transition<TaskRun>[],
): readonly Transition<TaskRun>[] {
  if (redactor.isIdle()) return transitions;
  return transitions.map((transition) => {
    const { state } = transition.after;
    if (state.message === "" && !("error" in state)) return transition;
    return { ...transition, after: { ...transition.after, state: redactData(redactor, state) } };
  });
}

function redactOutcome(redactor: Redactor, outcome: Outcome): Outcome {
  if (redactor.isIdle() || outcome.type !== "completed") return redactData(redactor, outcome);
  const { note } = outcome;
  return note === undefined ? outcome : { ...outcome, note: redactor.redact(note) };
}

function redactRung(redactor: Redactor, rung: Rung): Rung {
  const { outcome, log, exchanges } = rung;
  return {
    ...rung,
    outcome: redactData(redactor, outcome),
    log: redactLines(redactor, log),
    ...(exchanges === undefined ? {} : { exchanges: redactData(redactor, exchanges) }),
  };
}

/** Errors among the fields are texts too; they are taken apart only where one holds a secret. */
function redactFields(redactor: Redactor, fields: LogFields): LogFields {
  if (redactor.isIdle()) return fields;
  try {
    const text = JSON.stringify(fields, jsonable);
    if (redactor.redact(text) === text) return fields;
    const plain = JSON.parse(text) as LogFields;
    return redactData(redactor, { value: plain }).value;
  } catch {
    return { unprintable: true };
  }
}

function jsonable(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (!(value instanceof Error)) return value;
  return { name: value.name, message: value.message, stack: value.stack, cause: value.cause };
}
