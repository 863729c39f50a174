import type { ExplainFactsView, ExplainView } from "../http/explain-view.ts";

/** What one likely does about it; undefined where there is nothing to be done. */
export function commandAfter({ verdict, facts }: ExplainView): string | undefined {
  const { flow, schedules } = facts;
  const dues = schedules.filter(({ dueAt }) => dueAt !== undefined);
  const due = dues.find(({ run }) => run !== undefined) ?? dues[0];
  if (due?.run !== undefined) return `tocsin runs show ${due.run.name}`;
  const resume = verdict === "paused" ? resumeCommand(facts) : undefined;
  if (resume !== undefined) return resume;
  if (due?.blockedBy?.state.type === "PAUSED") return `tocsin runs resume ${due.blockedBy.name}`;
  const isLost = LOST.includes(verdict);
  if (!isLost || due?.dueAt === undefined) return undefined;
  const end = new Date(Date.parse(due.dueAt) + 1_000).toISOString();
  return `tocsin backfill ${flow} --from ${due.dueAt} --to ${end}`;
}

/** What can be made up for. */
const LOST: readonly string[] = ["missed", "skipped", "paused", "changed", "no-record"];

/** Ends what still holds: the flow's pause, or that of a schedule alone. */
function resumeCommand({ flow, pauses }: ExplainFactsView): string | undefined {
  const holding = pauses.filter(({ until }) => until === undefined);
  const [first] = holding;
  if (first === undefined) return undefined;
  const isWhole = holding.some(({ schedule }) => schedule === undefined);
  return `tocsin flows resume ${flow}${isWhole ? "" : ` --schedule ${first.schedule}`}`;
}
