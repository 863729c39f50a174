import { DELIVERY_STATUSES, type DeliveryStatus } from "../domain/delivery.ts";
import { type Bindable, rowsJson } from "./bind.ts";
import type { Connection } from "./connection.ts";
import type { DeliveryFilter } from "./run-history.ts";
import type { DeliveryCounts, Tally } from "./tally.ts";

/** More hooks than this are not followed one by one. */
const HOOKS_MAX = 16;

/** One index to follow. */
export interface Way {
  readonly index: string;
  readonly where: string;
  readonly parameters: readonly Bindable[];
  /** Whether every row on it has the status asked for. */
  readonly knowsStatus: boolean;
  readonly knowsHook: boolean;
  /** Set where its rows are to be held against these hooks. */
  readonly hookNos?: readonly number[];
}

/** The ways to deliveries: by run, by hook or by status, whichever has fewer rows; none where there are none. */
export function waysTo(
  { reader, tally }: { readonly reader: Connection; readonly tally: Tally },
  { run, hooks, statuses }: DeliveryFilter,
): readonly Way[] {
  const hookNos = hooks === undefined ? undefined : numbersOf(reader, hooks);
  const ways =
    run === undefined ? waysBeside(tally, reader, { hookNos, statuses }) : [byRun(run.no)];
  return ways.map((way) => (hookNos === undefined || way.knowsHook ? way : { ...way, hookNos }));
}

interface Asked {
  readonly hookNos: readonly number[] | undefined;
  readonly statuses: readonly DeliveryStatus[] | undefined;
}

function waysBeside(
  tally: Tally,
  reader: Connection,
  { hookNos, statuses }: Asked,
): readonly Way[] {
  const count = counterOf(tally.readHooks(reader));
  const alive = statuses?.filter((status) => count(hookNos, [status]) > 0);
  if (count(hookNos, alive) === 0) return [];
  const byHooks = hookNos !== undefined && hookNos.length <= HOOKS_MAX ? hookNos : undefined;
  const byStatuses = alive?.includes("delivered") === true ? undefined : alive;
  if (byStatuses !== undefined && isCheaper(byStatuses, byHooks, count)) {
    return byStatuses.map(byStatus);
  }
  return byHooks?.map(byHook) ?? [ANY];
}

type Counter = ReturnType<typeof counterOf>;

function isCheaper(
  statuses: readonly DeliveryStatus[],
  hookNos: readonly number[] | undefined,
  count: Counter,
): boolean {
  return hookNos === undefined || count(undefined, statuses) < count(hookNos);
}

function numbersOf(reader: Connection, keys: readonly string[]): readonly number[] {
  return reader
    .all<{ no: number }>("SELECT no FROM hook WHERE key IN (SELECT value FROM json_each(?))", [
      rowsJson(keys),
    ])
    .map(({ no }) => no);
}

/** Counts what these hooks have in these statuses; undefined stands for all. */
function counterOf(byHook: ReadonlyMap<number, DeliveryCounts>) {
  return (
    hookNos: readonly number[] = [...byHook.keys()],
    statuses: readonly DeliveryStatus[] = DELIVERY_STATUSES,
  ): number =>
    hookNos
      .flatMap((no) => statuses.map((status) => byHook.get(no)?.[status] ?? 0))
      .reduce((sum, one) => sum + one, 0);
}

const NOTHING_KNOWN = { parameters: [], knowsStatus: false, knowsHook: false };
const ANY: Way = { index: "NOT INDEXED", where: "true", ...NOTHING_KNOWN };

function byRun(no: number): Way {
  const index = "INDEXED BY delivery_by_run";
  return { ...NOTHING_KNOWN, index, where: "d.run_no = ?", parameters: [no] };
}

function byHook(no: number): Way {
  const index = "INDEXED BY delivery_by_hook";
  return { ...NOTHING_KNOWN, index, where: "d.hook_no = ?", parameters: [no], knowsHook: true };
}

/** Pending ones are few and all due; the index of the others wants its own condition word for word. */
function byStatus(status: DeliveryStatus): Way {
  const isPending = status === "pending";
  return {
    index: isPending ? "INDEXED BY delivery_due" : "INDEXED BY delivery_undelivered",
    where: `${isPending ? "d.due_at IS NOT NULL" : "d.status IN ('retrying','dead','dropped')"} AND d.status = ?`,
    parameters: [status],
    knowsStatus: true,
    knowsHook: false,
  };
}
