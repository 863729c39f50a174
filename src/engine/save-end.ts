import { advance, fits } from "../domain/advance.ts";
import { type ErrorInfo, errorInfo } from "../domain/failure.ts";
import type { Advancing, Transition } from "../domain/run.ts";
import type { Signal } from "../domain/signal.ts";
import type { Saved } from "../store/steps.ts";

const TEXT_MAX = 1_000;

/** What was saved of an end, and why it is not the one that was asked for. */
export interface SavedEnd<Subject extends Advancing> {
  readonly saved: Saved;
  readonly after: Subject;
  readonly refused?: string;
}

/**
 * Saves the step that ends something. Where the store will never take it, because a server finds it too large
 * say, one with less in it is saved in its place: nobody else would ever end it. Rejects where none is taken.
 */
export async function saveEnd<Subject extends Advancing>(
  step: Transition<Subject>,
  save: (step: Transition<Subject>) => Promise<Saved>,
): Promise<SavedEnd<Subject>> {
  try {
    return { saved: await save(step), after: step.after };
  } catch (error) {
    const refused = cut(errorInfo(error).message);
    for (const smaller of smallerEnds(step, refused)) {
      const saved = await save(smaller).catch(() => undefined);
      if (saved !== undefined) return { saved, after: smaller.after, refused };
    }
    throw error;
  }
}

/** The same end without what makes it large; then a crash, which is true of whatever left no answer. */
function smallerEnds<Subject extends Advancing>(
  { before, after }: Transition<Subject>,
  why: string,
): readonly Transition<Subject>[] {
  if (before === undefined) return [];
  const { name, message, at } = after.state;
  const own = message === "" ? "" : `: ${cut(message)}`;
  const crash: Signal = { type: "crash", message: `cannot save that it is ${name}${own}; ${why}` };
  return [...shorter(after, why), crash]
    .filter((signal) => fits(before, signal, at))
    .map((signal) => advance(before, signal, at));
}

function shorter({ state, result }: Advancing, why: string): readonly Signal[] {
  if (state.type === "COMPLETED" && result !== undefined) {
    return [{ type: "succeed", message: `Cannot keep the result: ${why}` }];
  }
  if (state.type !== "FAILED") return [];
  const type = state.name === "TimedOut" ? "time-out" : "fail";
  return [{ type, error: withoutStack(state.error), message: cut(state.message) }];
}

function withoutStack({ name, message }: ErrorInfo): ErrorInfo {
  return { name: cut(name), message: cut(message) };
}

function cut(text: string): string {
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}…`;
}
