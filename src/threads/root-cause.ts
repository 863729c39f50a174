import { errorInfo } from "../domain/failure.ts";

const CAUSES_MAX = 8;

/** Why a body failed, for people: the failing task's name, what was thrown, and the cause at its root. */
export function failureMessage(
  thrown: unknown,
  taskOf: (thrown: unknown) => string | undefined,
): string {
  const chain = causesOf(thrown);
  const atTask = chain.findIndex((cause) => taskOf(cause) !== undefined);
  const said = textsOf(atTask < 0 ? chain : chain.slice(atTask));
  return atTask < 0 ? said : `task "${taskOf(chain[atTask])}": ${said}`;
}

function causesOf(thrown: unknown): readonly unknown[] {
  const chain = [thrown];
  while (chain.length <= CAUSES_MAX) {
    const last = chain.at(-1);
    const cause = last instanceof Error ? (last.cause ?? firstOf(last)) : undefined;
    if (cause === undefined || chain.includes(cause)) break;
    chain.push(cause);
  }
  return chain;
}

function firstOf(error: Error): unknown {
  return error instanceof AggregateError ? error.errors[0] : undefined;
}

function textsOf(chain: readonly unknown[]): string {
  const first = textOf(chain[0]);
  const root = textOf(chain.at(-1));
  return first.includes(root) ? first : `${first}: ${root}`;
}

function textOf(thrown: unknown): string {
  const { name, message } = errorInfo(thrown);
  return message === "" ? name : message;
}
