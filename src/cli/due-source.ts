import type { FlowSpec } from "../domain/flow.ts";
import { instant } from "../domain/instant.ts";
import { type ScheduleView, scheduleView } from "../http/flow-view.ts";
import { noSuchFlow } from "../http/require.ts";
import { type UpcomingView, upcomingViews } from "../http/upcoming-view.ts";
import { loadInWords } from "../schedule/in-words.ts";
import type { Api } from "./client.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { requireManifest } from "./read-manifest.ts";
import type { Session } from "./session.ts";

const CONFIG = "flows.config.ts";

/** Where due times come from. No names mean all flows. */
export interface DueSource {
  upcoming(flows: readonly string[], query: DueQuery): Promise<readonly UpcomingView[]>;
  /** By flow. */
  schedules(flows: readonly string[]): Promise<ReadonlyMap<string, readonly ScheduleView[]>>;
}

/** Times are ISO 8601. */
export interface DueQuery {
  readonly n: number;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** By a config file: no daemon is needed. */
export async function configDues(session: Session, config = CONFIG): Promise<DueSource> {
  const manifest = await requireManifest(session, config);
  const inWords = await loadInWords();
  const named = (names: readonly string[]) => flowsNamed(manifest.flows, names);
  return {
    async upcoming(flows, { n, from, to }) {
      const now = instant(session.context.now().getTime());
      return upcomingViews(named(flows), { n, ...instants({ from, to }) }, now);
    },
    async schedules(flows) {
      return new Map(
        named(flows).map(({ name, schedules }) => [
          name,
          schedules.map((schedule) => scheduleView(schedule, inWords)),
        ]),
      );
    },
  };
}

/** By the config that a daemon has in force. */
export function daemonDues(api: Api): DueSource {
  return {
    async upcoming(flows, { n, from, to }) {
      const query = { n: String(n), from, to };
      const asked = flows.length === 0 ? [undefined] : [...new Set(flows)];
      const pages = await Promise.all(asked.map((flow) => api.listUpcoming(flow, query)));
      return pages
        .flatMap(({ items }) => items)
        .sort((one, other) => Date.parse(one.dueAt) - Date.parse(other.dueAt))
        .slice(0, n);
    },
    async schedules(flows) {
      const { items } = await api.listFlows();
      const shown = items.filter(({ name }) => flows.length === 0 || flows.includes(name));
      return new Map(shown.map(({ name, schedules }) => [name, schedules]));
    },
  };
}

function flowsNamed(flows: readonly FlowSpec[], names: readonly string[]): readonly FlowSpec[] {
  const known = flows.map(({ name }) => name as string);
  const missing = names.find((name) => !known.includes(name));
  if (missing !== undefined) {
    throw new CliFailure(noSuchFlow(missing, known).message, EXIT.notFound);
  }
  return names.length === 0 ? flows : flows.filter(({ name }) => names.includes(name));
}

function instants({ from, to }: Pick<DueQuery, "from" | "to">) {
  return {
    ...(from === undefined ? {} : { from: instant(Date.parse(from)) }),
    ...(to === undefined ? {} : { to: instant(Date.parse(to)) }),
  };
}
