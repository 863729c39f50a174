import type { DecisionView } from "../../../src/domain/decision.ts";
import { DELIVERY_STATUSES, type DeliveryStatus } from "../../../src/domain/delivery.ts";
import { instant, isoOf } from "../../../src/domain/instant.ts";
import type { Commands } from "../../../src/engine/commands.ts";
import type {
  DeliveryFilter,
  DeliveryView,
  HookRecord,
  Page,
  RunHistory,
} from "../../../src/store/run-history.ts";

const NOON = instant(Date.parse("2026-01-31T12:00:00Z"));
export const NOTIFY = "flow:backup/onFailure/notify";
export const GONE = "flow:backup/onFailure/old-bell";
export const DEAD_ID = "019bd2f0-0000-7000-8000-000000000001";

/** A delivery that was tried once and failed. */
export function aDelivery(changes: Partial<DeliveryView> = {}): DeliveryView {
  return {
    id: DEAD_ID,
    hook: NOTIFY,
    flow: "backup",
    moment: "onFailure",
    status: "dead",
    attemptsMade: 1,
    replays: 0,
    createdAt: isoOf(NOON),
    endedAt: isoOf(NOON),
    reason: "every one of its 1 attempts failed",
    lastError: "HTTP 500",
    attempts: [
      {
        attempt: 1,
        startedAt: isoOf(NOON),
        endedAt: isoOf(NOON),
        error: { name: "Error", message: "HTTP 500" },
        log: [{ at: isoOf(NOON), level: "info", text: "about to tell" }],
        exchanges: [
          {
            request: "POST http://127.0.0.1/bell",
            answer: "500 Internal Server Error",
            startedAt: isoOf(NOON),
            endedAt: isoOf(NOON),
          },
        ],
      },
    ],
    ...changes,
  };
}

export interface MemoryDeliveries {
  readonly deliveries: DeliveryView[];
  readonly decisions: DecisionView[];
  readonly history: Pick<
    RunHistory,
    | "listDeliveries"
    | "pageDeliveries"
    | "findDelivery"
    | "hookKeys"
    | "hookRecords"
    | "pageDecisions"
  >;
  readonly commands: Pick<Commands, "redeliver" | "redeliverMany">;
}

/** Deliveries in an array, oldest first, and what may be asked of them. */
export function memoryDeliveries(): MemoryDeliveries {
  const deliveries: DeliveryView[] = [aDelivery()];
  const decisions: DecisionView[] = [];
  const redeliver = (one: DeliveryView) => {
    const { reason: _, endedAt: __, ...rest } = one;
    deliveries[deliveries.indexOf(one)] = {
      ...rest,
      status: "pending",
      replays: one.replays + 1,
      nextAttemptAt: isoOf(NOON),
    };
  };
  return {
    deliveries,
    decisions,
    history: {
      listDeliveries: async ({ id }) => deliveries.filter(({ run }) => run === id),
      pageDeliveries: async ({ cursor, limit, ...filter }) => {
        const page = pageOf(deliveries, { cursor, limit, lets: (one) => lets(filter, one) });
        return { ...page, items: page.items.map(({ attempts: _, ...entry }) => entry) };
      },
      findDelivery: async (reference) => {
        const found = deliveries.filter(
          ({ id }) => reference.length >= 6 && id.startsWith(reference),
        );
        return found.length > 1 ? "ambiguous" : found[0];
      },
      hookKeys: async () => [...new Set(deliveries.map(({ hook }) => hook))],
      hookRecords: async () => recordsOf(deliveries),
      pageDecisions: async ({ cursor, limit, flow, kind }) =>
        pageOf(decisions, {
          cursor,
          limit,
          lets: (one) => (flow ?? one.flow) === one.flow && (kind ?? one.kind) === one.kind,
        }),
    },
    commands: {
      async redeliver(id) {
        const found = deliveries.find((one) => one.id === id);
        if (found === undefined) return "no-such-delivery";
        if (found.status === "pending") return "pending";
        if (found.hook === GONE) return "no-such-hook";
        redeliver(found);
        return "redelivered";
      },
      async redeliverMany({ filter, dryRun }) {
        const found = deliveries.filter((one) => lets({ statuses: ["dead"], ...filter }, one));
        const fit = found.filter(({ hook }) => hook !== GONE);
        if (!dryRun) for (const one of fit) redeliver(one);
        return { redelivered: fit.length, skipped: found.length - fit.length };
      },
    },
  };
}

interface Paging<Item> {
  readonly cursor: number | undefined;
  readonly limit: number;
  readonly lets: (item: Item) => boolean;
}

function pageOf<Item>(all: readonly Item[], { cursor, limit, lets }: Paging<Item>): Page<Item> {
  const found = all
    .map((item, index) => ({ item, no: index + 1 }))
    .filter(({ item, no }) => lets(item) && no < (cursor ?? Number.POSITIVE_INFINITY))
    .reverse();
  const items = found.slice(0, limit);
  const next = found.length > limit ? items.at(-1)?.no : undefined;
  return { items: items.map(({ item }) => item), ...(next === undefined ? {} : { next }) };
}

function lets(filter: DeliveryFilter, one: DeliveryView): boolean {
  const { statuses, hooks, run, flow, moment, since, until } = filter;
  const at = Date.parse(one.createdAt);
  return [
    statuses?.includes(one.status),
    hooks?.includes(one.hook),
    run === undefined ? undefined : run.id === one.run,
    flow === undefined ? undefined : flow === one.flow,
    moment === undefined ? undefined : moment === one.moment,
    since === undefined ? undefined : at >= since,
    until === undefined ? undefined : at < until,
  ].every((fits) => fits !== false);
}

function recordsOf(deliveries: readonly DeliveryView[]): readonly HookRecord[] {
  return [...Map.groupBy(deliveries, ({ hook }) => hook)].map(([key, own]) => ({
    key,
    deliveries: Object.fromEntries(
      DELIVERY_STATUSES.map((status): [DeliveryStatus, number] => [
        status,
        own.filter((one) => one.status === status).length,
      ]).filter(([, count]) => count > 0),
    ),
    lastFailure: { at: NOON, message: "HTTP 500" },
  }));
}
