import type { JsonObject } from "../domain/json.ts";
import { nearest } from "../domain/nearest.ts";
import type { RunView } from "../domain/run-view.ts";
import { scheduleClientOver } from "./schedule-client.ts";
import type { Session } from "./session.ts";

/** Notes parameters that the flow's schema does not name: most schemas leave them out without a word. */
export async function noteStrangeParameters(
  session: Session,
  { flow, parameters }: Pick<RunView, "flow" | "parameters">,
): Promise<void> {
  const given = typeof parameters === "object" ? Object.keys(parameters ?? {}) : [];
  if (given.length === 0 || session.globals.quiet === true) return;
  const { parametersSchema } = await scheduleClientOver(await session.way()).findFlow(flow);
  const known = namedIn(parametersSchema);
  if (known === undefined) return;
  for (const name of given.filter((one) => !known.includes(one))) {
    const meant = nearest(name, known);
    const hint = meant === undefined ? "" : `; did you mean "${meant}"?`;
    const { printer } = session;
    printer.note(printer.safe(`Flow "${flow}" names no parameter "${name}"${hint}`));
  }
}

/** Undefined where the schema lets others through, or is none of an object. */
function namedIn(schema: JsonObject | undefined): readonly string[] | undefined {
  const { properties, additionalProperties = false } = schema ?? {};
  if (additionalProperties !== false) return undefined;
  return typeof properties === "object" && properties !== null
    ? Object.keys(properties)
    : undefined;
}
