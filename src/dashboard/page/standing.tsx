import type { ComponentChildren } from "preact";
import type { RunView } from "../../domain/run-view.ts";
import { Fact, FlowLink, RunLink, Time, Took } from "./parts.tsx";
import { RunMark } from "./run-mark.tsx";

/** Where a run stands, and why; and what else is known of it at once. */
export function Standing({ run }: { readonly run: RunView }) {
  const { state } = run;
  return (
    <>
      <p class="standing">
        <RunMark run={run} />
        <span class="reason">{state.message}</span>
      </p>
      <dl class="facts">
        {factsOf(run).map(([name, fact]) =>
          fact === undefined ? null : (
            <Fact key={name} name={name} isWide={name === "Id"}>
              {fact}
            </Fact>
          ),
        )}
      </dl>
    </>
  );
}

function factsOf(run: RunView): readonly (readonly [string, ComponentChildren])[] {
  const { startedAt, endedAt, parent, tags, state } = run;
  return [
    ["Flow", <FlowLink key="flow" name={run.flow} />],
    ["Due", moment(run.scheduledFor)],
    ["Starts", moment(state.dueAt)],
    ["Began", moment(startedAt)],
    [
      endedAt === undefined ? "For" : "Took",
      startedAt === undefined ? undefined : (
        <Took key="took" startedAt={startedAt} endedAt={endedAt} />
      ),
    ],
    ["Attempt", run.attempt],
    ["Priority", run.priority === 0 ? undefined : run.priority],
    ["Tags", tags.length === 0 ? undefined : tags.join(", ")],
    ["Child of", parent === undefined ? undefined : parentOf(parent)],
    ["Config", `generation ${run.generation}`],
    ["Id", <code key="id">{run.id}</code>],
  ];
}

function moment(iso: string | undefined): ComponentChildren {
  return iso === undefined ? undefined : <Time iso={iso} />;
}

function parentOf(id: string): ComponentChildren {
  return <RunLink id={id} name={id.slice(0, 13)} />;
}
