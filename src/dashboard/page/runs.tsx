import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useMemo, useRef } from "preact/hooks";
import type { RunView } from "../../domain/run-view.ts";
import { isTerminal } from "../../domain/state.ts";
import { DeedButton } from "./deed-button.tsx";
import { chosenRow, useRowKeys } from "./keys.ts";
import type { Sight } from "./look-again.ts";
import { useNarrow } from "./narrow.ts";
import { useGrowing } from "./pages.ts";
import { Empty, FlowLink, RunLink, Time, Title, Took } from "./parts.tsx";
import { at, go, place } from "./router.ts";
import { evenRows } from "./row-places.ts";
import { eachRun } from "./run-actions.ts";
import { RunFilters, runsPath } from "./run-filters.tsx";
import { RunMark } from "./run-mark.tsx";
import { Space } from "./space.tsx";
import { useChosenInSight, useSteady, useWindowed } from "./windowed.ts";
import { plural } from "./words.ts";

const PAGE = 100;
const NONE: readonly RunView[] = [];
const ROW = 41;
const NARROW_ROW = 84;

/** Runs, newest first: those that the address asks for. */
export function Runs() {
  const { query } = place.value;
  const runs = useGrowing<RunView>(runsPath(query, PAGE));
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const choose = useCallback(
    (next: ReadonlySet<string>) => {
      chosen.value = next;
    },
    [chosen],
  );
  const items = runs.items ?? NONE;
  const picked = items.filter(({ id }) => chosen.value.has(id));
  return (
    <>
      <Title text="Runs" />
      <RunFilters />
      <Bulk picked={picked} onDone={() => choose(new Set())} />
      {runs.failure === undefined ? null : (
        <p class="failure" role="alert">
          {runs.failure.message}
        </p>
      )}
      {runs.items?.length === 0 ? (
        <NoRuns />
      ) : (
        <RunTable runs={items} chosen={chosen.value} onSight={runs.lookAt} onChoose={choose} />
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
      <DeedButton disabled={open.length === 0} onClick={() => act(open, "cancel")}>
        Cancel {open.length === 0 ? "" : open.length}
      </DeedButton>
      <DeedButton disabled={over.length === 0} onClick={() => act(over, "retry")}>
        Retry {over.length === 0 ? "" : over.length}
      </DeedButton>
      <button type="button" class="plain" onClick={onDone}>
        Choose none
      </button>
    </div>
  );
}

interface TableOptions {
  readonly runs: readonly RunView[];
  readonly chosen: ReadonlySet<string>;
  readonly onSight: (sight: Sight) => void;
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
}

function RunTable({ runs, chosen, onSight, onChoose }: TableOptions) {
  const body = useRef<HTMLTableSectionElement>(null);
  const rowHeight = useNarrow() ? NARROW_ROW : ROW;
  const rows = useMemo(() => evenRows(runs.length, rowHeight), [runs.length, rowHeight]);
  const ids = useMemo(() => runs.map(({ id }) => id), [runs]);
  const seen = useWindowed({ rows, holder: body });
  const newest = ids[seen.from];
  const oldest = ids[seen.to - 1];
  useEffect(() => {
    if (newest !== undefined && oldest !== undefined) onSight({ newest, oldest });
  }, [newest, oldest, onSight]);
  useRowKeys(runs.length, (index) => go(at("runs", ids[index] ?? "")));
  useSteady({ rows, holder: body, ids });
  useChosenInSight({ rows, holder: body });
  const areAll = runs.length > 0 && ids.every((id) => chosen.has(id));
  const latest = useRef(chosen);
  latest.current = chosen;
  const toggle = useCallback(
    (id: string) => {
      const next = new Set(latest.current);
      if (!next.delete(id)) next.add(id);
      onChoose(next);
    },
    [onChoose],
  );
  return (
    <table class="runs windowed" aria-rowcount={runs.length + 1}>
      <thead>
        <tr>
          <th scope="col" class="box">
            <input
              type="checkbox"
              aria-label="Choose all that are shown"
              checked={areAll}
              onChange={() => onChoose(areAll ? new Set() : new Set(ids))}
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
        <RunMark run={run} />
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
