import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { STATE_TYPES } from "../../domain/state.ts";
import type { FlowView } from "../../http/flow-view.ts";
import type { Items } from "./ask.ts";
import { useData } from "./data.ts";
import { SearchField, SelectField } from "./fields.tsx";
import { place, setQuery } from "./router.ts";

const RANGES = [
  ["", "Any time"],
  ["15m", "Last 15 minutes"],
  ["1h", "Last hour"],
  ["24h", "Last 24 hours"],
  ["7d", "Last 7 days"],
  ["30d", "Last 30 days"],
] as const;
const FIELDS = ["q", "flow", "state", "tag", "parent", "since", "until"] as const;

/** The path of the runs that the address asks for: its filters are the API's own. */
export function runsPath(query: URLSearchParams, limit: number): string {
  const asked = FIELDS.flatMap((field) =>
    query.getAll(field).map((value) => [field, value] satisfies [string, string]),
  );
  return `/api/runs?${new URLSearchParams([...asked, ["limit", String(limit)]])}`;
}

/** Search, states, flow, tag and time. All of it is in the address, so that it survives a reload. */
export function RunFilters() {
  const { query } = place.value;
  const isAsked = useSignal(false);
  // Only who is about to choose one is told of all flows: the list may be long.
  const { value } = useData<Items<FlowView>>(isAsked.value ? "/api/flows" : undefined, {
    once: true,
  });
  const { flows, tags } = useMemo(() => namesOf(value?.items ?? []), [value]);
  const onFocus = () => {
    isAsked.value = true;
  };
  const since = query.get("since") ?? "";
  const isQuick = RANGES.some(([value]) => value === since) && !query.has("until");
  const ranges = isQuick ? RANGES : [...RANGES, [since, "As in the address"] as const];
  return (
    <>
      <div class="filters">
        <SearchField name="q" label="Search runs" waitMs={150} />
        <Named name="flow" label="Flow" known={flows} onFocus={onFocus} />
        <Named name="tag" label="Tag" known={tags} onFocus={onFocus} />
        <SelectField name="since" label="Time" options={ranges} value={since} />
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would be styled by every browser in its own way */}
      <div class="chips" role="group" aria-label="States">
        {STATE_TYPES.map((type) => (
          <StateChip key={type} type={type} />
        ))}
        {FIELDS.some((field) => query.has(field)) ? (
          <button
            type="button"
            class="plain"
            onClick={() => setQuery(Object.fromEntries(FIELDS.map((field) => [field, undefined])))}
          >
            Clear all
          </button>
        ) : null}
      </div>
    </>
  );
}

function namesOf(flows: readonly FlowView[]) {
  return {
    flows: flows.map(({ name }) => name),
    tags: [...new Set(flows.flatMap(({ tags }) => tags))].toSorted(),
  };
}

const MEANINGS = { off: "", only: "shown", not: "left out" } as const;

/** Pressed once, only such runs are shown; pressed again, they are left out. */
function StateChip({ type }: { readonly type: string }) {
  const states = listIn("state");
  const mode = states.includes(type) ? "only" : states.includes(`!${type}`) ? "not" : "off";
  const press = () => {
    const rest = states.filter((state) => state !== type && state !== `!${type}`);
    const next = mode === "off" ? [...rest, type] : mode === "only" ? [...rest, `!${type}`] : rest;
    setQuery({ state: next.join(",") });
  };
  const word = type.charAt(0) + type.slice(1).toLowerCase();
  return (
    <button
      type="button"
      class={`chip ${mode}`}
      aria-pressed={mode !== "off"}
      aria-label={mode === "off" ? word : `${word}, ${MEANINGS[mode]}`}
      title="Once: only these. Twice: all but these."
      onClick={press}
    >
      <span class={`state ${type.toLowerCase()}`}>{mode === "not" ? <s>{word}</s> : word}</span>
    </button>
  );
}

function listIn(field: string): readonly string[] {
  return (place.value.query.get(field) ?? "").split(",").filter((part) => part !== "");
}

/** A name, or with ! before it all but that; commas separate several. */
function Named({
  name,
  label,
  known,
  onFocus,
}: {
  readonly name: string;
  readonly label: string;
  readonly known: readonly string[];
  readonly onFocus: () => void;
}) {
  const value = place.value.query.get(name) ?? "";
  return (
    <span class="named">
      <input
        key={value}
        list={`known-${name}`}
        placeholder={`${label}, or !${label.toLowerCase()}`}
        aria-label={`${label}; with ! before it, all others`}
        defaultValue={value}
        onFocus={onFocus}
        onChange={(event) => setQuery({ [name]: event.currentTarget.value.trim() })}
      />
      <datalist id={`known-${name}`}>
        {known.slice(0, 500).map((option) => (
          <option key={option} value={option} />
        ))}
      </datalist>
    </span>
  );
}
