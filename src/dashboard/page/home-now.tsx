import type { RunView } from "../../domain/run-view.ts";
import type { FlowView } from "../../http/flow-view.ts";
import type { Items } from "./ask.ts";
import { useData } from "./data.ts";
import { DeedButton } from "./deed-button.tsx";
import { isPaused } from "./flow-actions.ts";
import { Empty, Failure, FlowLink, RunLink, Section, Time, Took } from "./parts.tsx";
import { cancelRun } from "./run-actions.ts";
import { isCancelling, RunMark } from "./run-mark.tsx";

const SHOWN = 6;

/** What goes on, and for how long it has. */
export function RunningNow() {
  const runs = useData<Items<RunView>>(
    `/api/runs?state=RUNNING,PENDING,CANCELLING,PAUSED&limit=${SHOWN}`,
  );
  const items = runs.value?.items ?? [];
  const more = runs.value?.next !== undefined;
  return (
    <Section name="Running now">
      <Failure of={runs} />
      {items.length === 0 ? (
        <Empty>{runs.value === undefined ? "…" : "Nothing runs at the moment."}</Empty>
      ) : (
        <ul class="list">
          {items.map((run) => (
            <li key={run.id}>
              <RunMark run={run} />
              <span class="grow">
                <FlowLink name={run.flow} /> <RunLink id={run.id} name={run.name} />
              </span>
              <Took startedAt={run.startedAt} />
              <DeedButton
                aria-label={`Cancel ${run.name}`}
                disabled={isCancelling(run)}
                onClick={() => void cancelRun(run)}
              >
                Cancel
              </DeedButton>
            </li>
          ))}
        </ul>
      )}
      {more ? <a href="/runs?state=RUNNING,PENDING,CANCELLING,PAUSED">All of them</a> : null}
    </Section>
  );
}

/** What is due next, of all flows: one that is due every minute does not hide the others. */
export function UpNext({ flows }: { readonly flows: readonly FlowView[] | undefined }) {
  const items = (flows ?? [])
    .filter((flow) => flow.nextDueAt !== undefined && !isPaused(flow))
    .toSorted((one, other) => (one.nextDueAt ?? "").localeCompare(other.nextDueAt ?? ""))
    .slice(0, SHOWN);
  return (
    <Section name="Up next">
      {items.length === 0 ? (
        <Empty>
          {flows === undefined ? "…" : "Nothing is due: no flow has a schedule that names a time."}
        </Empty>
      ) : (
        <ul class="list">
          {items.map((flow) => (
            <li key={flow.name}>
              <span class="grow">
                <FlowLink name={flow.name} />
              </span>
              <span class="dim zone" title="In the schedule's own zone">
                {inItsZone(flow)}
              </span>
              <Time iso={flow.nextDueAt} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

/** When a flow is due next, as its schedule's zone says it; nothing where its schedules have several. */
function inItsZone({ schedules, nextDueAt = "" }: FlowView): string {
  const zones = new Set(schedules.map(({ timezone = "UTC" }) => timezone));
  const [timeZone] = zones;
  if (timeZone === undefined || zones.size > 1) return "";
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });
  return `${format.format(Date.parse(nextDueAt))} ${timeZone}`;
}

/** `02:00 Europe/Vienna` of `2026-01-31T02:00:00+01:00[Europe/Vienna]`. */
export function localOf(text: string): string {
  const [, time = "", zone = ""] =
    /T(\d{2}:\d{2}(?::[0-5][1-9]|:[1-5]0)?).*\[(.+)\]/.exec(text) ?? [];
  return `${time} ${zone}`;
}
