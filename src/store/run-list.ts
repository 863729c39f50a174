import { type Kysely, type SelectQueryBuilder, sql } from "kysely";
import type { Run } from "../domain/run.ts";
import { STATE_TYPES } from "../domain/state.ts";
import { runOfRow } from "./rows.ts";
import type { Filter, RunQuery } from "./run-history.ts";
import type { RunTable, Tables } from "./tables.ts";

type Runs = SelectQueryBuilder<Tables, "run", RunTable>;

/** Runs newest first, a page at a time: the page after begins before the last one's number. */
export async function listRuns(db: Kysely<Tables>, query: RunQuery): Promise<readonly Run[]> {
  let runs: Runs = db.selectFrom("run").selectAll().orderBy("no", "desc").limit(query.limit);
  if (query.before !== undefined) runs = runs.where("no", "<", query.before);
  if (query.since !== undefined) runs = runs.where("created_at", ">=", query.since);
  if (query.until !== undefined) runs = runs.where("created_at", "<", query.until);
  if (query.text !== undefined && query.text !== "") runs = withText(runs, query.text);
  if (query.parent !== undefined) runs = runs.where("parent_id", "=", query.parent);
  runs = withFlows(runs, query.flows);
  runs = withStates(runs, query.states);
  runs = withTags(runs, query.tags);
  return (await runs.execute()).map(runOfRow);
}

function withText(runs: Runs, text: string): Runs {
  const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  return runs.where(
    sql<boolean>`(name LIKE ${pattern} ESCAPE '\\' OR flow LIKE ${pattern} ESCAPE '\\')`,
  );
}

function withFlows(runs: Runs, filter: Filter<string> | undefined): Runs {
  if (filter === undefined) return runs;
  const included = filter.include.length > 0 ? runs.where("flow", "in", filter.include) : runs;
  return filter.exclude.length > 0 ? included.where("flow", "not in", filter.exclude) : included;
}

function withStates(runs: Runs, filter: RunQuery["states"]): Runs {
  if (filter === undefined) return runs;
  const included = filter.include.length > 0 ? runs.where(inStates(filter.include)) : runs;
  return filter.exclude.length > 0
    ? included.where(sql<boolean>`NOT ${inStates(filter.exclude)}`)
    : included;
}

/** A state is given by its type or by its name; a name alone would not use the index by type. */
function inStates(states: readonly string[]) {
  const types = states.filter((state) => STATE_TYPES.some((type) => type === state));
  const names = states.filter((state) => !types.includes(state));
  const list = (values: readonly string[]) => sql.join(values.length > 0 ? values : [null]);
  if (names.length === 0) return sql<boolean>`(state_type IN (${list(types)}))`;
  return sql<boolean>`(state_type IN (${list(types)}) OR state_name IN (${list(names)}))`;
}

function withTags(runs: Runs, filter: Filter<string> | undefined): Runs {
  if (filter === undefined) return runs;
  const carries = (tags: readonly string[]) =>
    sql<boolean>`EXISTS (SELECT 1 FROM json_each(run.tags) AS tag WHERE tag.value IN (${sql.join(tags)}))`;
  const included = filter.include.length > 0 ? runs.where(carries(filter.include)) : runs;
  return filter.exclude.length > 0
    ? included.where(sql<boolean>`NOT ${carries(filter.exclude)}`)
    : included;
}
