import { useMemo, useRef } from "preact/hooks";
import { useByFlow } from "./by-flow.ts";
import { type ChartData, FlowRow as Row, SLOTS } from "./flow-row.tsx";
import type { FlowRow } from "./home-filters.tsx";
import { useRowKeys } from "./keys.ts";
import { useNarrow } from "./narrow.ts";
import { at, go } from "./router.ts";
import { unevenRows } from "./row-places.ts";
import { Space } from "./space.tsx";
import { isSpan, pathOf } from "./spans.ts";
import { TimeAxis } from "./timeline.tsx";
import { useChosenInSight, useWindowed } from "./windowed.ts";

const ROW = 57;
const NARROW_ROW = 132;
const GROUP = 44;

/** All flows, a row each; only those near the sight are drawn, and asked for their runs. */
export function FlowTable({
  rows,
  span: wanted,
  isGrouped,
}: {
  readonly rows: readonly FlowRow[];
  readonly span: string;
  readonly isGrouped: boolean;
}) {
  const body = useRef<HTMLTableSectionElement>(null);
  const rowHeight = useNarrow() ? NARROW_ROW : ROW;
  const places = useMemo(
    () => unevenRows(rows.map((row) => (typeof row === "string" ? GROUP : rowHeight))),
    [rows, rowHeight],
  );
  const seen = useWindowed({ rows: places, holder: body });
  const names = useMemo(() => rows.map((row) => (typeof row === "string" ? "" : row.name)), [rows]);
  const span = isSpan(wanted) ? wanted : undefined;
  const path = span === undefined ? `/api/recent-runs?n=${SLOTS}` : pathOf(span);
  const data = useByFlow<ChartData>(path, { names, from: seen.from, to: seen.to });
  const open = (index: number) => go(at("flows", names[index] ?? ""));
  useRowKeys(rows.length, open, (index) => names[index] !== "");
  useChosenInSight({ rows: places, holder: body });
  const columns = span === undefined ? 6 : 5;
  return (
    <table
      class={`flows windowed ${span === undefined ? "" : "tracks"}`}
      aria-rowcount={rows.length + 1}
    >
      <Head span={span} />
      <tbody ref={body} class={isGrouped ? "grouped" : ""}>
        <Space height={seen.before} columns={columns} />
        {rows
          .slice(seen.from, seen.to)
          .map((row, place) =>
            typeof row === "string" ? (
              <Group key={`#${row}`} name={row} columns={columns} />
            ) : (
              <Row
                key={row.name}
                flow={row}
                index={seen.from + place}
                span={span}
                data={data.get(row.name)}
              />
            ),
          )}
        <Space height={seen.after} columns={columns} />
      </tbody>
    </table>
  );
}

function Head({ span }: { readonly span: Parameters<typeof pathOf>[0] | undefined }) {
  return (
    <thead>
      <tr>
        <th scope="col">Flow</th>
        <th scope="col">Latest run</th>
        <th scope="col" class="when">
          Due
        </th>
        <th scope="col" class="chart">
          {span === undefined ? `Last ${SLOTS} runs` : <TimeAxis span={span} />}
        </th>
        {span === undefined ? (
          <th scope="col" class="number" title={`Of the last ${SLOTS} runs, those that ended`}>
            Success
          </th>
        ) : null}
        <th scope="col">
          <span class="unseen">Actions</span>
        </th>
      </tr>
    </thead>
  );
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
