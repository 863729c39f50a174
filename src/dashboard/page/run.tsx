import { useEffect } from "preact/hooks";
import type { RunView, TaskRunView } from "../../domain/run-view.ts";
import { isTerminal } from "../../domain/state.ts";
import type { DeliveryView, TransitionView } from "../../store/run-history.ts";
import type { Items } from "./ask.ts";
import { useData } from "./data.ts";
import { DeedButton } from "./deed-button.tsx";
import { DeliveryRows } from "./delivery-rows.tsx";
import { Gantt } from "./gantt.tsx";
import { watchedRun } from "./live.ts";
import { Logs } from "./logs.tsx";
import {
  Empty,
  ErrorChain,
  FlowLink,
  JsonText,
  RunLink,
  Section,
  StateMark,
  Time,
  Title,
  Took,
} from "./parts.tsx";
import { Resume } from "./resume.tsx";
import { cancelRun, retryRun, runAgain } from "./run-actions.ts";
import { isCancelling, RunMark } from "./run-mark.tsx";
import { Standing } from "./standing.tsx";
import { TriggerDialog } from "./trigger-form.tsx";

/** One run: where it stands, how it came there, what it said, and what was rung. */
export function RunPage({ run: reference }: { readonly run: string }) {
  const run = useData<RunView>(`/api/runs/${encodeURIComponent(reference)}`);
  if (run.failure !== undefined) return <Gone message={run.failure.message} />;
  if (run.value === undefined) return <Title text={reference} />;
  return <Shown key={run.value.id} run={run.value} />;
}

function Gone({ message }: { readonly message: string }) {
  return (
    <>
      <Title text="This run cannot be shown" />
      <Empty>
        {message}. Runs are kept for a time and then deleted: what happened to the flow since is in{" "}
        <a href="/runs">Runs</a>.
      </Empty>
    </>
  );
}

function Shown({ run }: { readonly run: RunView }) {
  const path = `/api/runs/${run.id}`;
  const tasks = useData<Items<TaskRunView>>(`${path}/tasks`, { calmMs: 1_000 });
  const items = tasks.value?.items ?? [];
  useEffect(() => {
    watchedRun.value = run.id;
    return () => {
      watchedRun.value = undefined;
    };
  }, [run.id]);
  return (
    <>
      <Title text={run.name}>
        <Buttons run={run} />
      </Title>
      <Standing run={run} />
      {run.state.type === "PAUSED" ? <Resume run={run} /> : null}
      {run.state.error === undefined ? null : (
        <Section name="Error">
          <ErrorChain error={run.state.error} />
        </Section>
      )}
      {items.length === 0 ? null : (
        <Section name="Tasks" aside={<span class="dim">{items.length}</span>}>
          <Gantt run={run} tasks={items} />
        </Section>
      )}
      <Logs run={run} />
      <div class="pair">
        <States path={path} />
        <Section name="Parameters">
          <JsonText value={run.parameters} />
          {run.result === undefined ? null : (
            <>
              <h3>Result</h3>
              <JsonText value={run.result} />
            </>
          )}
        </Section>
      </div>
      <Rung path={path} />
      <Children run={run} />
      <TriggerDialog />
    </>
  );
}

function Buttons({ run }: { readonly run: RunView }) {
  const isOver = isTerminal(run.state.type);
  return (
    <div class="buttons">
      {isOver ? (
        <DeedButton onClick={() => void retryRun(run)}>Retry</DeedButton>
      ) : (
        <DeedButton class="danger" disabled={isCancelling(run)} onClick={() => void cancelRun(run)}>
          Cancel
        </DeedButton>
      )}
      <DeedButton title="A new run with these parameters" onClick={() => void runAgain(run)}>
        Run again
      </DeedButton>
    </div>
  );
}

function States({ path }: { readonly path: string }) {
  const steps = useData<Items<TransitionView>>(`${path}/transitions`);
  const own = (steps.value?.items ?? []).filter(({ taskRun }) => taskRun === undefined);
  return (
    <Section name="States">
      <ol class="states">
        {own.map(({ seq, attempt, state }, index) => (
          <li key={seq}>
            <StateMark type={state.type} name={state.name} />
            <Time iso={state.at} />
            <span class="dim">
              {attempt > Math.max(1, own[index - 1]?.attempt ?? 1) ? `attempt ${attempt}` : ""}
            </span>
            <span class="reason">{state.message}</span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Rung({ path }: { readonly path: string }) {
  const deliveries = useData<Items<DeliveryView>>(`${path}/deliveries`);
  const items = deliveries.value?.items;
  return (
    <Section name="Hooks">
      {items?.length === 0 ? (
        <Empty>No hook was rung: the flow has none for what happened to this run.</Empty>
      ) : (
        <DeliveryRows deliveries={items ?? []} />
      )}
    </Section>
  );
}

function Children({ run }: { readonly run: RunView }) {
  const children = useData<Items<RunView>>(`/api/runs?parent=${run.id}&limit=200`, {
    calmMs: 2_000,
  });
  const items = children.value?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section name="Child runs" aside={<a href={`/runs?parent=${run.id}`}>All of them</a>}>
      <ul class="list">
        {items.slice(0, 20).map((child) => (
          <li key={child.id}>
            <RunMark run={child} />
            <span class="grow">
              <FlowLink name={child.flow} /> <RunLink id={child.id} name={child.name} />
            </span>
            <Took startedAt={child.startedAt} endedAt={child.endedAt} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
