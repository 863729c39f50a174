import type { Turn } from "../domain/hook-matching.ts";
import type { Run } from "../domain/run.ts";
import { rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";

/**
 * Whether the flow's runs end well or badly at present, and since when: what recovering and regressing are
 * told by. One row per flow, written only when it turns, so that a run costs a look into memory.
 */
export interface FlowOutcomes {
  /** Begins to judge the steps of one commit, which may yet fail. */
  judge(): OutcomeJudge;
}

export interface OutcomeJudge {
  /** To be told of each step that is saved, in order; answers how the flow turns by it, if it does. */
  note(after: Run): Turn | undefined;
  save(): void;
  /** After the commit. */
  committed(): void;
}

type Outcome = "good" | "bad";
const TURNS: Readonly<Record<Outcome, Turn>> = { good: "recovered", bad: "regressed" };

export function createFlowOutcomes(connection: Connection): FlowOutcomes {
  const known = new Map<string, Outcome>(
    connection
      .all<{ flow: string; type: string }>("SELECT flow, type FROM flow_outcome")
      .map(({ flow, type }) => [flow, type === "good" ? "good" : "bad"]),
  );
  return {
    judge() {
      const turned = new Map<string, { readonly outcome: Outcome; readonly since: number }>();
      return {
        note({ flow, state }) {
          const outcome = outcomeOf(state.type);
          const before = turned.get(flow)?.outcome ?? known.get(flow);
          if (outcome === undefined || before === outcome) return undefined;
          turned.set(flow, { outcome, since: state.at });
          return before === undefined ? undefined : TURNS[outcome];
        },
        save() {
          if (turned.size === 0) return;
          const rows = [...turned].map(([flow, { outcome, since }]) => [flow, outcome, since]);
          connection.run(UPSERT, [rowsJson(rows)]);
        },
        committed() {
          for (const [flow, { outcome }] of turned) known.set(flow, outcome);
        },
      };
    },
  };
}

/** Which way an end of a run counts; a run that somebody cancelled counts for neither. */
export function outcomeOf(type: string): Outcome | undefined {
  if (type === "COMPLETED") return "good";
  return type === "FAILED" || type === "CRASHED" ? "bad" : undefined;
}

const UPSERT = `
  INSERT INTO flow_outcome (flow, type, since)
  SELECT j.value->>0, j.value->>1, j.value->>2 FROM json_each(?) AS j WHERE true
  ON CONFLICT (flow) DO UPDATE SET type = excluded.type, since = excluded.since`;
