import type { AnyContext, Moment, RunView } from "../../src/sdk/mod.ts";

/** Whether something is wrong, or right again: what opens incidents and closes them. */
export type News = "trouble" | "all-clear";

/** The moments that are neither trouble nor its end. */
export const NO_NEWS = ["onRunning", "onCancellation"] as const satisfies readonly Moment[];
export type NewsMoment = Exclude<Moment, (typeof NO_NEWS)[number]>;

/** How many of the flow's newest runs are looked at for later news. */
const LOOKED_AT = 50;

/** What the transition means; undefined where it is neither, such as for a cancelled run under `onAnyEnd`. */
export function newsOf(context: AnyContext): News | undefined {
  if (context.decision !== undefined) return "trouble";
  switch (context.delivery.moment) {
    case "onRecovered":
      return "all-clear";
    case "onRegressed":
    case "onLate":
    case "onRunningLong":
    case "onRetry":
      return "trouble";
    default:
      return newsOfState(context.state.type);
  }
}

/**
 * Whether a later run of the flow has ended the other way while this delivery could not be made: what it
 * tells would open an incident that is over, or close one that is not. Only asked at further attempts.
 */
export async function isOutdated(context: AnyContext, news: News): Promise<boolean> {
  const { client, delivery, flow } = context;
  if (delivery.attempt === 1 || context.task !== undefined) return false;
  const at = context.decision === undefined ? context.state.at : context.decision.decidedAt;
  const runs = await client.runs.list({ flow: flow.name, limit: LOOKED_AT });
  const others = runs
    .filter((run) => endedAfter(run, at))
    .map((run) => newsOfState(run.state.type));
  return others.some((other) => other !== undefined && other !== news);
}

function endedAfter({ endedAt, state }: RunView, at: string): boolean {
  return endedAt !== undefined && Date.parse(state.at) > Date.parse(at);
}

function newsOfState(type: RunView["state"]["type"]): News | undefined {
  if (type === "COMPLETED") return "all-clear";
  return type === "FAILED" || type === "CRASHED" ? "trouble" : undefined;
}
