import { durationInWords } from "../domain/duration.ts";
import type {
  DedupePolicy,
  HookModuleSpec,
  HookSpec,
  Manifest,
  Moment,
  RateLimit,
} from "../domain/flow.ts";
import { hooksOf, listHooks, type OwnedHook } from "../domain/hook-list.ts";
import { isoOf } from "../domain/instant.ts";
import type { HookRecord } from "../store/run-history.ts";

/** A hook as the API shows it, with how its deliveries stand. Times are ISO 8601 in UTC. */
export interface HookView {
  readonly key: string;
  readonly name: string;
  readonly owner: HookOwner;
  /** The newest config has no such hook, but it has deliveries. */
  readonly gone?: true;
  readonly moments: readonly Moment[];
  /** Only of hook modules: what they are told of. */
  readonly filter?: { readonly flows?: readonly string[]; readonly tags?: readonly string[] };
  readonly timeoutMs?: number;
  /** Its waits before further attempts, in words. */
  readonly retry?: string;
  readonly retryMs?: readonly number[];
  readonly holdForMs?: number;
  readonly dedupe?: DedupePolicy;
  readonly rateLimit?: RateLimit;
  /** By status; one without any is left out. */
  readonly deliveries: HookRecord["deliveries"];
  readonly lastDeliveredAt?: string;
  readonly lastFailure?: { readonly at: string; readonly message: string };
  /** Deliveries that wait, and when the first of them is, or was, due. */
  readonly waiting?: { readonly count: number; readonly oldestDueAt: string };
  /** Set while its receiver does not answer. */
  readonly down?: { readonly since: string; readonly nextTryAt?: string };
}

/** Whose hook it is: a flow's, a task's, a tag's, or a module of its own. */
export interface HookOwner {
  readonly kind: "flow" | "task" | "tag" | "module";
  readonly name: string;
}

/** The hooks of a config in its order, then those that it has no longer. */
export function hookViews(manifest: Manifest, records: readonly HookRecord[]): readonly HookView[] {
  const byKey = new Map(records.map((record) => [record.key, record]));
  const hooks = listHooks(manifest);
  const known = new Set<string>(hooks.map(({ hook }) => hook.key));
  return [
    ...hooks.map((owned) => ({
      ...configured(owned.hook, ownerOf(owned)),
      ...standing(byKey.get(owned.hook.key)),
    })),
    ...records.filter(({ key }) => !known.has(key)).map(goneView),
  ];
}

/** What people call each hook of a config, by its key. */
export function hookNames(manifest: Manifest): ReadonlyMap<string, string> {
  return new Map(hooksOf(manifest).map((hook) => [hook.key as string, hook.name]));
}

/** What a hook was called whose config is not there any more. */
export function nameInKey(key: string): string {
  return (key.startsWith("module:") ? key.slice("module:".length) : key.split("/").at(-1)) ?? key;
}

function ownerOf({ owner }: OwnedHook): HookOwner {
  switch (owner.kind) {
    case "flow":
      return { kind: "flow", name: owner.flow.name };
    case "task":
      return { kind: "task", name: owner.task };
    case "tag":
      return { kind: "tag", name: owner.tag };
    case "module":
      return { kind: "module", name: owner.module.module };
  }
}

function configured(hook: HookSpec | HookModuleSpec, owner: HookOwner) {
  const { key, name, moments, timeoutMs, retryMs, holdForMs, dedupe, rateLimit } = hook;
  return {
    key,
    name,
    owner,
    moments,
    ...("module" in hook ? filterOf(hook) : {}),
    timeoutMs,
    retry: ladderInWords(retryMs),
    retryMs,
    ...(holdForMs === undefined ? {} : { holdForMs }),
    ...(dedupe === undefined ? {} : { dedupe }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
  };
}

function filterOf({ flows, tags }: HookModuleSpec): Pick<HookView, "filter"> {
  if (flows === undefined && tags === undefined) return {};
  const some = { ...(flows && { flows }), ...(tags && { tags }) };
  return { filter: some };
}

/** `at once, after 5s, 5m, 30m`; `none`. */
function ladderInWords(waits: readonly number[]): string {
  if (waits.length === 0) return "none";
  const atOnce = waits.findIndex((wait) => wait > 0);
  const first = atOnce === -1 ? waits.length : atOnce;
  const later = waits.slice(first).map(durationInWords).join(", ");
  const words = [
    first === 0 ? "" : first === 1 ? "at once" : `${first} times at once`,
    later === "" ? "" : `after ${later}`,
  ];
  return words.filter((part) => part !== "").join(", then ");
}

function standing(record: HookRecord | undefined) {
  if (record === undefined) return { deliveries: {} };
  const { deliveries, lastDeliveredAt, lastFailure, oldestDueAt, down } = record;
  const count = (deliveries.pending ?? 0) + (deliveries.retrying ?? 0);
  return {
    deliveries,
    ...(lastDeliveredAt === undefined ? {} : { lastDeliveredAt: isoOf(lastDeliveredAt) }),
    ...(lastFailure === undefined
      ? {}
      : { lastFailure: { ...lastFailure, at: isoOf(lastFailure.at) } }),
    ...(oldestDueAt === undefined ? {} : { waiting: { count, oldestDueAt: isoOf(oldestDueAt) } }),
    ...(down === undefined ? {} : { down: downView(down) }),
  };
}

function downView({ since, nextTryAt }: NonNullable<HookRecord["down"]>) {
  const next = nextTryAt === undefined ? {} : { nextTryAt: isoOf(nextTryAt) };
  return { since: isoOf(since), ...next };
}

function goneView(record: HookRecord): HookView {
  const { key } = record;
  const owner = ownerInKey(key);
  return { key, name: nameInKey(key), owner, gone: true, moments: [], ...standing(record) };
}

/** Keys are `flow:NAME/onFailure/notify`, `task:…`, `tag:…`, and `module:./hooks/audit.ts`. */
function ownerInKey(key: string): HookOwner {
  const kinds = ["flow", "task", "tag"] as const;
  const kind = kinds.find((one) => key.startsWith(`${one}:`)) ?? "module";
  const rest = key.slice(key.indexOf(":") + 1);
  const name = kind === "module" ? rest : rest.split("/").slice(0, -2).join("/");
  return { kind, name };
}
