import { currentScope } from "./scope.ts";

export interface OutsideAct<Value> {
  /** What is asked, without secrets: `POST https://hooks.slack.com`, `gcloud run jobs delete x`. */
  readonly request: string;
  /** More of it, such as the body: shown when the hook is only tried. */
  readonly detail?: string;
  act(): Value | Promise<Value>;
  /** What came back, in a line and without secrets: `200 OK`. */
  answerOf(value: Value): string;
  /** What is answered when the hook is only tried. */
  readonly whenTried: Value;
}

/**
 * Does something outside and notes it with the attempt: what was asked, and what came back or why nothing did.
 * When the hook is only tried (`tocsin hooks test`) nothing is done. `fetch` is noted by itself.
 */
export async function outside<Value>(asked: OutsideAct<Value>): Promise<Value> {
  const { request, detail, act, answerOf, whenTried } = asked;
  const around = currentScope()?.outside;
  const answered = around?.begin({ request, ...(detail === undefined ? {} : { detail }) });
  if (around?.dry === true) return whenTried;
  try {
    const value = await act();
    answered?.(answerOf(value));
    return value;
  } catch (error) {
    answered?.(error instanceof Error ? error.message : String(error));
    throw error;
  }
}
