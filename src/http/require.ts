import type { FlowSpec } from "../domain/flow.ts";
import { nearest } from "../domain/nearest.ts";
import type { Run } from "../domain/run.ts";
import type { ApiDeps } from "./api-deps.ts";
import { Problem, quoted } from "./problems.ts";

const REFERENCE_MAX = 200;
const KNOWN_SHOWN = 20;
const NEWEST_LOOKED_AT = 200;

/** The run that an id, a prefix of one, or a name means; a problem when it means none, or several. */
export async function requireRun(
  { history }: Pick<ApiDeps, "history">,
  reference: string,
): Promise<Run> {
  const run = reference.length > REFERENCE_MAX ? undefined : await history.findRun(reference);
  if (run === undefined) throw await noSuchRun(history, reference);
  if (run === "ambiguous") {
    throw new Problem(
      409,
      `Cannot tell which run ${quoted(reference)} is: several ids begin with it; give more of the id`,
    );
  }
  return run;
}

/** What was probably meant is looked for among the newest. */
async function noSuchRun(history: ApiDeps["history"], reference: string): Promise<Problem> {
  const cannot = `Cannot find run ${quoted(reference)}`;
  const newest = await history.listRuns({ limit: NEWEST_LOOKED_AT });
  const ofFlow = newest.find(({ flow }) => flow === reference);
  if (ofFlow !== undefined) {
    const detail = `${cannot}: this is a flow, whose latest run is ${quoted(ofFlow.name)}`;
    return new Problem(404, detail, { nearest: ofFlow.name });
  }
  const names = newest.map(({ name }) => name);
  const meant = nearest(reference, names);
  if (meant === undefined) return new Problem(404, `${cannot}: no run has this id or name`);
  const detail = `${cannot}: no run has this id or name; did you mean ${quoted(meant)}?`;
  return new Problem(404, detail, { nearest: meant });
}

/** The flow of that name in the newest config. */
export function requireFlow(deps: ApiDeps, name: string): FlowSpec {
  const { flows } = deps.generation().manifest;
  const flow = flows.find((flow) => flow.name === name);
  if (flow !== undefined) return flow;
  throw noSuchFlow(
    name,
    flows.map((flow) => flow.name),
  );
}

/** The 404 that names what there is, and what was probably meant. */
export function noSuchFlow(name: string, known: readonly string[]): Problem {
  const meant = nearest(name, known);
  return new Problem(404, `Cannot find flow ${quoted(name)}: ${hintOf(meant, known)}`, {
    known: known.slice(0, KNOWN_SHOWN),
    ...(meant === undefined ? {} : { nearest: meant }),
  });
}

function hintOf(meant: string | undefined, known: readonly string[]): string {
  if (meant !== undefined) return `did you mean ${quoted(meant)}?`;
  if (known.length === 0) return "the config defines no flow";
  const shown = known.slice(0, KNOWN_SHOWN).join(", ");
  return known.length > KNOWN_SHOWN
    ? `the config defines ${shown} and ${known.length - KNOWN_SHOWN} more`
    : `the config defines ${shown}`;
}
