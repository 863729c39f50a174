import { useMemo, useRef } from "preact/hooks";
import { durationInWords } from "../../domain/duration.ts";
import type { RunView, TaskRunView } from "../../domain/run-view.ts";
import { now } from "./live.ts";
import { StateMark, Took } from "./parts.tsx";
import { evenRows } from "./row-places.ts";
import { useWindowed } from "./windowed.ts";

const ROW = 26;
/** What scrolls must be reached by keys. */
const REACHED = { tabIndex: 0 };
const WIDTH = 1_000;

interface Scale {
  readonly begin: number;
  readonly length: number;
}

/** When each task ran, beside the others: a row each, of which only those in sight are drawn. */
export function Gantt({
  run,
  tasks,
}: {
  readonly run: RunView;
  readonly tasks: readonly TaskRunView[];
}) {
  const holder = useRef<HTMLUListElement>(null);
  const rows = useMemo(() => evenRows(tasks.length, ROW), [tasks.length]);
  const seen = useWindowed({ rows, holder, scrolls: true });
  const scale = scaleOf(run, tasks);
  const depths = depthsOf(tasks);
  return (
    <>
      <div class="gantt-head" aria-hidden="true">
        <span />
        <span>
          <span>0</span>
          <span>{durationInWords(scale.length / 2)}</span>
          <span>{durationInWords(scale.length)}</span>
        </span>
        <span />
      </div>
      <ul class="gantt" ref={holder} aria-label="Tasks" {...REACHED}>
        <li aria-hidden="true" style={{ height: `${seen.before}px` }} />
        {tasks.slice(seen.from, seen.to).map((task) => (
          <Row key={task.id} task={task} scale={scale} depth={depths.get(task.id) ?? 0} />
        ))}
        <li aria-hidden="true" style={{ height: `${seen.after}px` }} />
      </ul>
    </>
  );
}

function scaleOf({ startedAt, createdAt, endedAt }: RunView, tasks: readonly TaskRunView[]): Scale {
  const began = tasks.map((task) => Date.parse(task.startedAt ?? task.createdAt));
  const begin = began.reduce(
    (one, other) => Math.min(one, other),
    Date.parse(startedAt ?? createdAt),
  );
  const ends = tasks.map((task) => (task.endedAt === undefined ? 0 : Date.parse(task.endedAt)));
  const end = ends.reduce(
    (one, other) => Math.max(one, other),
    endedAt === undefined ? now.value : Date.parse(endedAt),
  );
  return { begin, length: Math.max(1, end - begin) };
}

/** How many tasks each was called in. */
function depthsOf(tasks: readonly TaskRunView[]): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  for (const { id, parent } of tasks) {
    depths.set(id, parent === undefined ? 0 : Math.min(8, (depths.get(parent) ?? 0) + 1));
  }
  return depths;
}

function Row({
  task,
  scale,
  depth,
}: {
  readonly task: TaskRunView;
  readonly scale: Scale;
  readonly depth: number;
}) {
  const { state, attempt, call, startedAt, endedAt } = task;
  const x = (iso: string | undefined) =>
    (((iso === undefined ? now.value : Date.parse(iso)) - scale.begin) / scale.length) * WIDTH;
  const left = x(startedAt ?? task.createdAt);
  const width = startedAt === undefined ? 2 : Math.max(2, x(endedAt) - left);
  const attempts = attempt > 1 ? `, attempt ${attempt}` : "";
  return (
    <li class="gantt-row" title={`${state.name}${attempts} ${state.message}`}>
      <span class="gantt-name" style={{ paddingLeft: `${depth * 14}px` }}>
        <StateMark type={state.type} name={task.task} />
        {call === 0 ? null : <span class="call">{call + 1}</span>}
        <span class="unseen">
          {state.name} {state.message}
        </span>
        {attempt > 1 ? <span class="dim"> ×{attempt}</span> : null}
      </span>
      <svg viewBox={`0 0 ${WIDTH} 10`} preserveAspectRatio="none" aria-hidden="true">
        <rect
          class={`fill ${state.type.toLowerCase()}`}
          x={Math.min(left, WIDTH - 2)}
          y={1}
          width={width}
          height={8}
        />
      </svg>
      <Took startedAt={startedAt} endedAt={endedAt} />
    </li>
  );
}
