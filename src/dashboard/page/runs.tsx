import { useSignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import type { RunView } from "../../domain/run-view.ts";
import { isTerminal } from "../../domain/state.ts";
import type { FlowView } from "../../http/flow-view.ts";
import type { Items } from "./ask.ts";
import { useData } from "./data.ts";
import { chosenRow, useRowKeys } from "./keys.ts";
import { useNarrow } from "./narrow.ts";
import { useGrowing } from "./pages.ts";
import { Empty, FlowLink, RunLink, StateMark, Time, Title, Took } from "./parts.tsx";
import { at, go, place } from "./router.ts";
import { cancelling, eachRun } from "./run-actions.ts";
import { RunFilters, runsPath } from "./run-filters.tsx";
import { Space } from "./space.tsx";
import { useChosenInSight, useWindowed } from "./windowed.ts";
import { plural } from "./words.ts";

const PAGE = 100;
const ROW = 41;
const NARROW_ROW = 84;

/** Runs, newest first: those that the address asks for. */
export function Runs() {
  const { query } = place.value;
  const flows = useData<Items<FlowView>>("/api/flows", { once: true });
  const runs = useGrowing<RunView>(runsPath(query, PAGE));
  const known = useMemo(() => namesOf(flows.value?.items ?? []), [flows.value]);
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const items = runs.items ?? [];
  const picked = items.filter(({ id }) => chosen.value.has(id));
  return (
    <>
      <Title text="Runs" />
      <RunFilters flows={known.flows} tags={known.tags} />
      <Bulk
        picked={picked}
        onDone={() => {
          chosen.value = new Set();
        }}
      />
      {runs.failure === undefined ? null : (
        <p class="failure" role="alert">
          {runs.failure.message}
        </p>
      )}
      {runs.items?.length === 0 ? (
        <NoRuns />
      ) : (
        <RunTable
          runs={items}
          chosen={chosen.value}
          onChoose={(next) => {
            chosen.value = next;
          }}
        />
      )}
      <p class="below">
        {items.length === 0 ? null : <span class="dim">{plural(items.length, "run")} shown</span>}
        {runs.hasMore ? (
          <button type="button" disabled={runs.isLoading} onClick={runs.more}>
            {runs.isLoading ? "…" : "Older runs"}
          </button>
        ) : null}
      </p>
    </>
  );
}

function namesOf(flows: readonly FlowView[]) {
  return {
    flows: flows.map(({ name }) => name),
    tags: [...new Set(flows.flatMap(({ tags }) => tags))].toSorted(),
  };
}

function NoRuns() {
  const isFiltered = [...place.value.query.keys()].length > 0;
  return (
    <Empty>
      {isFiltered ? (
        "No run fits these filters. Clear one of them, or take a longer time."
      ) : (
        <>
          There are no runs yet. Press Run beside a flow at <a href="/">home</a>, or use{" "}
          <code>tocsin trigger</code>.
        </>
      )}
    </Empty>
  );
}

function Bulk({
  picked,
  onDone,
}: {
  readonly picked: readonly RunView[];
  readonly onDone: () => void;
}) {
  if (picked.length === 0) return null;
  const over = picked.filter(({ state }) => isTerminal(state.type));
  const open = picked.filter(({ state }) => !isTerminal(state.type));
  const act = (runs: readonly RunView[], action: "cancel" | "retry") => {
    void eachRun(runs, action).then(onDone);
  };
  return (
    <div class="bulk" role="status">
      <span class="grow">{plural(picked.length, "run")} chosen</span>
      <button type="button" disabled={open.length === 0} onClick={() => act(open, "cancel")}>
        Cancel {open.length === 0 ? "" : open.length}
      </button>
      <button type="button" disabled={over.length === 0} onClick={() => act(over, "retry")}>
        Retry {over.length === 0 ? "" : over.length}
      </button>
      <button type="button" class="plain" onClick={onDone}>
        Choose none
      </button>
    </div>
  );
}

interface TableOptions {
  readonly runs: readonly RunView[];
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
}

function RunTable({ runs, chosen, onChoose }: TableOptions) {
  const body = useRef<HTMLTableSectionElement>(null);
  const rowHeight = useNarrow() ? NARROW_ROW : ROW;
  const seen = useWindowed({ count: runs.length, rowHeight, holder: body });
  useRowKeys(runs.length, (index) => go(at("runs", runs[index]?.id ?? "")));
  useChosenInSight({ rowHeight, holder: body });
  const areAll = runs.length > 0 && runs.every(({ id }) => chosen.has(id));
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChoose(next);
  };
  return (
    <table class="runs" aria-rowcount={runs.length + 1}>
      <thead>
        <tr>
          <th scope="col" class="box">
            <input
              type="checkbox"
              aria-label="Choose all that are shown"
              checked={areAll}
              onChange={() => onChoose(areAll ? new Set() : new Set(runs.map(({ id }) => id)))}
            />
          </th>
          <th scope="col">State</th>
          <th scope="col">Run</th>
          <th scope="col">Flow</th>
          <th scope="col">Began</th>
          <th scope="col" class="number">
            Took
          </th>
          <th scope="col" class="message">
            Message
          </th>
        </tr>
      </thead>
      <tbody ref={body}>
        <Space height={seen.before} columns={7} />
        {runs.slice(seen.from, seen.to).map((run, place) => (
          <Row
            key={run.id}
            run={run}
            index={seen.from + place}
            isChosen={chosen.has(run.id)}
            onToggle={toggle}
          />
        ))}
        <Space height={seen.after} columns={7} />
      </tbody>
    </table>
  );
}

interface RowOptions {
  readonly run: RunView;
  readonly index: number;
  readonly isChosen: boolean;
  readonly onToggle: (id: string) => void;
}

function Row({ run, index, isChosen, onToggle }: RowOptions) {
  const { id, name, flow, state, startedAt, endedAt, createdAt } = run;
  const isCancelling = cancelling.value.has(id);
  return (
    <tr aria-rowindex={index + 2} class={chosenRow.value === index ? "chosen" : ""}>
      <td class="box">
        <input
          type="checkbox"
          aria-label={`Choose ${name}`}
          checked={isChosen}
          onChange={() => onToggle(id)}
        />
      </td>
      <td>
        <StateMark
          type={isCancelling ? "CANCELLING" : state.type}
          name={isCancelling ? "Cancelling" : state.name}
        />
      </td>
      <th scope="row">
        <RunLink id={id} name={name} />
      </th>
      <td>
        <FlowLink name={flow} />
      </td>
      <td class="when">
        <Time iso={startedAt ?? createdAt} />
      </td>
      <td class="number">
        <Took startedAt={startedAt} endedAt={endedAt} />
      </td>
      <td class="message dim" title={state.message}>
        {state.message}
      </td>
    </tr>
  );
}
