import type { DecisionView } from "../../domain/decision.ts";
import type { RunView } from "../../domain/run-view.ts";
import type { FlowView } from "../../http/flow-view.ts";
import type { UpcomingView } from "../../http/upcoming-view.ts";
import type { Items } from "./ask.ts";
import { BackfillDialog, toBackfill } from "./backfill-form.tsx";
import { Backfills } from "./backfills.tsx";
import { Calendar } from "./calendar.tsx";
import { useData } from "./data.ts";
import { DeedButton } from "./deed-button.tsx";
import { DurationChart } from "./duration-chart.tsx";
import { Explain } from "./explain.tsx";
import { isPaused, order, setPaused } from "./flow-actions.ts";
import { localOf } from "./home-now.tsx";
import { Empty, Fact, RunLink, Section, Time, Title, Took } from "./parts.tsx";
import { RunMark } from "./run-mark.tsx";
import { TriggerDialog } from "./trigger-form.tsx";

/** One flow: how it did, when it is due, and what it is like. */
export function FlowPage({ flow: name }: { readonly flow: string }) {
  const path = `/api/flows/${encodeURIComponent(name)}`;
  const { value: flow, failure } = useData<FlowView>(path, { calmMs: 1_000 });
  if (failure !== undefined) {
    return (
      <>
        <Title text={name} />
        <Empty>
          {failure.message}. It may have been taken out of the config; its runs are still in{" "}
          <a href={`/runs?${new URLSearchParams({ flow: name })}`}>Runs</a>.
        </Empty>
      </>
    );
  }
  if (flow === undefined) return <Title text={name} />;
  return <Shown flow={flow} path={path} />;
}

function Shown({ flow, path }: { readonly flow: FlowView; readonly path: string }) {
  const rests = isPaused(flow);
  return (
    <>
      <Title text={flow.name}>
        <div class="buttons">
          {flow.schedules.length === 0 ? null : (
            <DeedButton onClick={() => void setPaused(flow, !rests)}>
              {rests ? "Resume" : "Pause"}
            </DeedButton>
          )}
          {flow.schedules.length === 0 ? null : (
            <DeedButton
              onClick={() => {
                toBackfill.value = flow;
              }}
            >
              Backfill…
            </DeedButton>
          )}
          <DeedButton
            class="primary"
            onClick={() => {
              order.value = { flow };
            }}
          >
            Run…
          </DeedButton>
        </div>
      </Title>
      {flow.description === "" ? null : <p>{flow.description}</p>}
      <Facts flow={flow} />
      <DurationChart flow={flow.name} />
      <Calendar flow={flow.name} />
      <div class="pair">
        <Latest flow={flow.name} />
        <Dues path={path} empty={whyNotDue(flow, rests)} />
      </div>
      <Backfills flow={flow.name} />
      <Decisions flow={flow.name} />
      <Explain path={path} />
      <HooksOf flow={flow} />
      <TriggerDialog />
      <BackfillDialog />
    </>
  );
}

function Facts({ flow }: { readonly flow: FlowView }) {
  const { schedules, pause, tags, timeoutMs, concurrency, memoryLimitBytes } = flow;
  const memory = memoryLimitBytes === undefined ? "" : `, at most ${memoryLimitBytes / 1e6} MB`;
  return (
    <dl class="facts">
      {schedules.map(({ key, inWords, paused }) => (
        <Fact key={key} name={schedules.length === 1 ? "Schedule" : `Schedule ${key}`}>
          {inWords} {paused ? <span class="tag">Paused</span> : null}
        </Fact>
      ))}
      {pause === undefined ? null : (
        <Fact name="Paused">
          by {pause.by} <Time iso={pause.since} /> {pause.reason}
        </Fact>
      )}
      {flow.nextDueAt === undefined ? null : (
        <Fact name="Next due">
          <Time iso={flow.nextDueAt} />
        </Fact>
      )}
      {tags.length === 0 ? null : <Fact name="Tags">{tags.join(", ")}</Fact>}
      <Fact name="Retries">{flow.retries}</Fact>
      {timeoutMs === undefined ? null : <Fact name="Timeout">{timeoutMs / 1_000} s</Fact>}
      <Fact name="Overlap">{flow.overlap}</Fact>
      {concurrency === undefined ? null : <Fact name="At once">{concurrency}</Fact>}
      <Fact name="Runs in">
        {flow.isolation === "process" ? `a process of its own${memory}` : "a thread"}
      </Fact>
      {flow.definedAt === undefined ? null : (
        <Fact name="Defined">
          <code>{flow.definedAt}</code>
        </Fact>
      )}
    </dl>
  );
}

const LATEST = 12;

function Latest({ flow }: { readonly flow: string }) {
  const query = new URLSearchParams({ flow });
  const runs = useData<Items<RunView>>(`/api/runs?${query}&limit=${LATEST}`);
  const items = runs.value?.items ?? [];
  return (
    <Section name="Latest runs" aside={<a href={`/runs?${query}`}>All runs</a>}>
      {runs.value !== undefined && items.length === 0 ? (
        <Empty>It never ran. Press Run… to see what it does.</Empty>
      ) : null}
      <ul class="list">
        {items.map((run) => (
          <li key={run.id}>
            <RunMark run={run} />
            <span class="grow">
              <RunLink id={run.id} name={run.name} />
            </span>
            <Took startedAt={run.startedAt} endedAt={run.endedAt} />
            <Time iso={run.startedAt ?? run.createdAt} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function whyNotDue({ schedules }: FlowView, rests: boolean): string {
  if (schedules.length === 0)
    return "It has no schedule: it runs when somebody, or another flow, asks for it.";
  return rests
    ? "It is paused: nothing is due until somebody resumes it."
    : "None of its schedules names a time any more.";
}

const DST = {
  moved: "moved: the clocks are put forward over it",
  merged: "stands for several: the clocks are put forward over them",
  repeated: "the clocks are put back: this hour comes twice",
} as const;

function Dues({ path, empty }: { readonly path: string; readonly empty: string }) {
  const dues = useData<Items<UpcomingView>>(`${path}/upcoming?n=20`, { calmMs: 5_000 });
  const items = dues.value?.items ?? [];
  return (
    <Section name="Next due">
      {items.length === 0 && dues.value !== undefined ? <Empty>{empty}</Empty> : null}
      <ol class="list">
        {items.map(({ dueAt, dueAtLocal, dst, schedule }) => (
          <li key={schedule + dueAt}>
            <span class="grow">
              {dueAtLocal.slice(0, 10)} {localOf(dueAtLocal)}
              {dst === undefined ? null : (
                <span class="tag" title={DST[dst]}>
                  {dst}
                </span>
              )}
            </span>
            <Time iso={dueAt} />
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Decisions({ flow }: { readonly flow: string }) {
  const query = new URLSearchParams({ flow, limit: "20" });
  const decisions = useData<Items<DecisionView>>(`/api/decisions?${query}`, { calmMs: 5_000 });
  const items = decisions.value?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section name="Due times that became no run">
      <ul class="list wraps">
        {items.map(({ schedule, dueAt, kind, reason, blockedBy }) => (
          <li key={schedule + dueAt}>
            <span class="tag">{kind}</span>
            <Time iso={dueAt} />
            <span class="grow">
              {reason} {blockedBy === undefined ? null : <RunLink id={blockedBy} name="this run" />}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function HooksOf({ flow }: { readonly flow: FlowView }) {
  return (
    <Section name="Hooks" aside={<a href="/hooks">All hooks</a>}>
      {flow.hooks.length === 0 ? (
        <Empty>No hook of its own rings for it. Hooks of tags and hook modules may.</Empty>
      ) : (
        <ul class="list">
          {flow.hooks.map(({ name, moments }) => (
            <li key={name + moments.join()}>
              <b>{name}</b>
              <span class="dim grow">{moments.join(", ")}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
