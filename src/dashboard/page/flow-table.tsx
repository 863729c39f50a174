import { useRef } from "preact/hooks";
import type { FlowView } from "../../http/flow-view.ts";
import type { Outcomes, RecentRunView } from "../../store/run-history.ts";
import { Bars } from "./bars.tsx";
import { useByFlow } from "./by-flow.ts";
import { isPaused, runFlow, setPaused, wantsParameters } from "./flow-actions.ts";
import type { FlowRow } from "./home-filters.tsx";
import { chosenRow, useRowKeys } from "./keys.ts";
import { useNarrow } from "./narrow.ts";
import { FlowLink, StateMark, Time } from "./parts.tsx";
import { at, go } from "./router.ts";
import { Space } from "./space.tsx";
import { isSpan, pathOf } from "./spans.ts";
import { TimeAxis, Track, useDues } from "./timeline.tsx";
import { useChosenInSight, useWindowed } from "./windowed.ts";
import { percent } from "./words.ts";

const ROW = 57;
const NARROW_ROW = 132;
const SLOTS = 40;

interface Recent {
  readonly flow: string;
  readonly runs: readonly RecentRunView[];
}

/** All flows, a row each; only those near the sight are drawn, and asked for their runs. */
export function FlowTable({
  rows: asked,
  span,
  isGrouped,
}: {
  readonly rows: readonly FlowRow[];
  readonly span: string;
  readonly isGrouped: boolean;
}) {
  const body = useRef<HTMLTableSectionElement>(null);
  const isNarrow = useNarrow();
  const rowHeight = isNarrow ? NARROW_ROW : ROW;
  // A card of its own for each group would leave little room for flows.
  const rows = isNarrow ? asked.filter((row) => typeof row !== "string") : asked;
  const seen = useWindowed({ count: rows.length, rowHeight, holder: body });
  const names = rows.map((row) => (typeof row === "string" ? "" : row.name));
  const shown = { names, from: seen.from, to: seen.to };
  const chart = isSpan(span) ? span : undefined;
  useRowKeys(rows.length, (index) => names[index] && go(at("flows", names[index])));
  useChosenInSight({ rowHeight, holder: body });
  const columns = chart === undefined ? 6 : 5;
  const Cells = chart === undefined ? BarCells : TrackCells;
  return (
    <table class={chart === undefined ? "flows" : "flows tracks"} aria-rowcount={rows.length + 1}>
      <thead>
        <tr>
          <th scope="col">Flow</th>
          <th scope="col">Latest run</th>
          <th scope="col" class="when">
            Due
          </th>
          <th scope="col" class="chart">
            {chart === undefined ? "Last 40 runs" : <TimeAxis span={chart} />}
          </th>
          {chart === undefined ? (
            <th scope="col" class="number" title="Of the last 40 runs, those that ended">
              Success
            </th>
          ) : null}
          <th scope="col">
            <span class="unseen">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody ref={body} class={isGrouped ? "grouped" : ""}>
        <Space height={seen.before} columns={columns} />
        <Cells shown={shown} rows={rows} span={chart ?? "24h"} />
        <Space height={seen.after} columns={columns} />
      </tbody>
    </table>
  );
}

interface Cells {
  readonly shown: { readonly names: readonly string[]; readonly from: number; readonly to: number };
  readonly rows: readonly FlowRow[];
  readonly span: "6h" | "24h" | "7d";
}

function BarCells({ shown, rows }: Cells) {
  const named = { ...shown, names: shown.names.map((name) => name || " ") };
  const recent = useByFlow<Recent>(`/api/recent-runs?n=${SLOTS}`, named);
  return rows.slice(shown.from, shown.to).map((row, place) => {
    const index = shown.from + place;
    if (typeof row === "string") return <Group key={`#${row}`} name={row} columns={6} />;
    const runs = recent.get(row.name)?.runs ?? [];
    return (
      <Row key={row.name} flow={row} index={index}>
        <td class="chart">
          <Bars flow={row.name} runs={runs} slots={SLOTS} />
        </td>
        <td class="number">{rateOf(runs)}</td>
      </Row>
    );
  });
}

function TrackCells({ shown, rows, span }: Cells) {
  const named = { ...shown, names: shown.names.map((name) => name || " ") };
  const outcomes = useByFlow<Outcomes>(pathOf(span), named);
  const dues = useDues(span);
  return rows.slice(shown.from, shown.to).map((row, place) => {
    const index = shown.from + place;
    if (typeof row === "string") return <Group key={`#${row}`} name={row} columns={5} />;
    return (
      <Row key={row.name} flow={row} index={index}>
        <td class="chart">
          <Track
            flow={row.name}
            span={span}
            outcomes={outcomes.get(row.name)}
            dues={dues.get(row.name) ?? []}
          />
        </td>
      </Row>
    );
  });
}

function rateOf(runs: readonly RecentRunView[]): string {
  const ended = runs.filter(({ open }) => open !== true);
  return percent(ended.filter(({ state }) => state === "COMPLETED").length, ended.length);
}

function Group({ name, columns }: { readonly name: string; readonly columns: number }) {
  return (
    <tr class="group">
      <th colSpan={columns} scope="rowgroup">
        {name}
      </th>
    </tr>
  );
}

function Row({
  flow,
  index,
  children,
}: {
  readonly flow: FlowView;
  readonly index: number;
  readonly children: preact.ComponentChildren;
}) {
  return (
    <tr
      aria-rowindex={index + 2}
      class={chosenRow.value === index ? "chosen" : ""}
      data-flow={flow.name}
    >
      <th scope="row">
        <FlowLink name={flow.name} />
        <span class="line dim" title={flow.description}>
          {flow.description}
        </span>
      </th>
      <td>
        <LatestRun flow={flow} />
      </td>
      <td class="when">
        <Due flow={flow} />
      </td>
      {children}
      <td class="actions">
        <Actions flow={flow} />
      </td>
    </tr>
  );
}

function LatestRun({ flow: { lastRun } }: { readonly flow: FlowView }) {
  if (lastRun === undefined) return <span class="dim">Never ran</span>;
  return (
    <>
      <a href={at("runs", lastRun.id)} title={lastRun.state.message}>
        <StateMark type={lastRun.state.type} name={lastRun.state.name} />
      </a>
      <span class="line dim">
        <Time iso={lastRun.endedAt ?? lastRun.startedAt ?? lastRun.createdAt} />
      </span>
    </>
  );
}

function Due({ flow }: { readonly flow: FlowView }) {
  const words = flow.schedules.map(({ inWords }) => inWords).join("; ");
  return (
    <>
      {isPaused(flow) ? (
        <span class="tag">Paused</span>
      ) : flow.nextDueAt === undefined ? (
        <span class="dim">{words === "" ? "By hand" : "Not due"}</span>
      ) : (
        <Time iso={flow.nextDueAt} />
      )}
      <span class="line dim" title={words}>
        {words}
      </span>
    </>
  );
}

function Actions({ flow }: { readonly flow: FlowView }) {
  const rests = isPaused(flow);
  return (
    <>
      <button type="button" aria-label={`Run ${flow.name}`} onClick={() => void runFlow(flow)}>
        {wantsParameters(flow) ? "Run…" : "Run"}
      </button>
      {flow.schedules.length === 0 ? null : (
        <button
          type="button"
          aria-label={`${rests ? "Resume" : "Pause"} ${flow.name}`}
          onClick={() => void setPaused(flow, !rests)}
        >
          {rests ? "Resume" : "Pause"}
        </button>
      )}
    </>
  );
}
