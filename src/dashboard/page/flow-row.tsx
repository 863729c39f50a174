import type { FlowView } from "../../http/flow-view.ts";
import type { OutcomesView } from "../../http/overview-routes.ts";
import type { RecentRunView } from "../../store/run-history.ts";
import { Bars } from "./bars.tsx";
import { DeedButton } from "./deed-button.tsx";
import { isPaused, runFlow, setPaused, wantsParameters } from "./flow-actions.ts";
import { chosenRow } from "./keys.ts";
import { FlowLink, Time } from "./parts.tsx";
import { at } from "./router.ts";
import { RunMark } from "./run-mark.tsx";
import type { Span } from "./spans.ts";
import { Track } from "./timeline.tsx";
import { percent } from "./words.ts";

/** How many runs the bars of a row have room for. */
export const SLOTS = 40;
const NONE: readonly RecentRunView[] = [];

interface Recent {
  readonly flow: string;
  readonly runs: readonly RecentRunView[];
}

/** What a row's chart is drawn of: its newest runs, or how its runs ended over time. */
export type ChartData = Recent | OutcomesView;

export interface FlowRowOptions {
  readonly flow: FlowView;
  readonly index: number;
  /** Bars of the newest runs, without it. */
  readonly span: Span | undefined;
  readonly data: ChartData | undefined;
}

/** A flow: how it stands, when it is due, how it went. Drawn again only if one of its options is another. */
export function FlowRow({ flow, index, span, data }: FlowRowOptions) {
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
      {span === undefined ? <BarCells flow={flow.name} data={data} /> : null}
      {span === undefined ? null : (
        <td class="chart">
          <Track flow={flow.name} span={span} outcomes={outcomesIn(data)} />
        </td>
      )}
      <td class="actions">
        <Actions flow={flow} />
      </td>
    </tr>
  );
}

function BarCells({ flow, data }: { readonly flow: string; readonly data: ChartData | undefined }) {
  const runs = data !== undefined && "runs" in data ? data.runs : NONE;
  return (
    <>
      <td class="chart">
        <Bars flow={flow} runs={runs} slots={SLOTS} />
      </td>
      <td class="number">{rateOf(runs)}</td>
    </>
  );
}

function outcomesIn(data: ChartData | undefined): OutcomesView | undefined {
  return data !== undefined && "bins" in data ? data : undefined;
}

function rateOf(runs: readonly RecentRunView[]): string {
  const ended = runs.filter(({ open }) => open !== true);
  return percent(ended.filter(({ state }) => state === "COMPLETED").length, ended.length);
}

function LatestRun({ flow: { lastRun } }: { readonly flow: FlowView }) {
  if (lastRun === undefined) return <span class="dim">Never ran</span>;
  return (
    <>
      <a href={at("runs", lastRun.id)} title={lastRun.state.message}>
        <RunMark run={lastRun} />
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
      <DeedButton aria-label={`Run ${flow.name}`} onClick={() => void runFlow(flow)}>
        {wantsParameters(flow) ? "Run…" : "Run"}
      </DeedButton>
      {flow.schedules.length === 0 ? null : (
        <DeedButton
          aria-label={`${rests ? "Resume" : "Pause"} ${flow.name}`}
          onClick={() => void setPaused(flow, !rests)}
        >
          {rests ? "Resume" : "Pause"}
        </DeedButton>
      )}
    </>
  );
}
