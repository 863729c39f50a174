import { useSignal } from "@preact/signals";
import type { BackfillDueView, BackfillView } from "../../domain/backfill.ts";
import type { Items } from "./ask.ts";
import { useData } from "./data.ts";
import { DeedButton } from "./deed-button.tsx";
import { confirmed, perform } from "./notices.ts";
import { Moment, RunLink, Section, StateMark, Time } from "./parts.tsx";
import { plural } from "./words.ts";

const LISTED = 200;
const DUES_SHOWN = 200;

/** The backfills of a flow, and how far each has come; nothing where there are none. */
export function Backfills({ flow }: { readonly flow: string }) {
  const all = useData<Items<BackfillView>>(`/api/backfills?limit=${LISTED}`, { calmMs: 1_000 });
  const own = (all.value?.items ?? []).filter((backfill) => backfill.flow === flow);
  if (own.length === 0) return null;
  return (
    <Section name="Backfills">
      <ul class="backfills">
        {own.map((backfill) => (
          <Row key={backfill.id} backfill={backfill} />
        ))}
      </ul>
    </Section>
  );
}

const MARKS = {
  making: ["running", "Being made"],
  running: ["running", "Running"],
  done: ["completed", "Done"],
  cancelled: ["cancelled", "Cancelled"],
} as const;

function Row({ backfill }: { readonly backfill: BackfillView }) {
  const { id, from, to, status, by, createdAt, total, counts, trouble } = backfill;
  const [mark, word] = MARKS[status];
  const isOpen = status === "making" || status === "running";
  const over = total - counts.toMake - counts.waiting - counts.running - counts.paused;
  const bad = counts.failed + counts.crashed;
  return (
    <li>
      <p class="standing">
        <StateMark type={bad > 0 && status === "done" ? "failed" : mark} name={word} />
        <span class="grow">
          <Moment iso={from} /> to <Moment iso={to} />
        </span>
        <span class="dim">
          by {by}, <Time iso={createdAt} />
        </span>
        {isOpen ? <DeedButton onClick={() => void cancel(backfill)}>Cancel</DeedButton> : null}
      </p>
      <progress value={over} max={total} aria-label={`Backfill from ${from} to ${to}`} />
      <p class="dim small">{countsOf(backfill)}</p>
      {trouble === undefined ? null : (
        <p class="small">Its runs cannot be made, and are tried again: {trouble.why}</p>
      )}
      <Dues id={id} />
    </li>
  );
}

/** `3 of 30 completed, 1 running, 26 waiting`. */
function countsOf({ total, counts }: BackfillView): string {
  const { completed, toMake, hadRun, noSchedule, deleted, ...rest } = counts;
  const more = [
    ...Object.entries(rest).map(([name, count]) => [count, name] as const),
    [toMake, "to be made"] as const,
    [hadRun, "had a run before"] as const,
    [noSchedule, "whose schedule is gone"] as const,
    [deleted, "no longer kept"] as const,
  ];
  const parts = more.filter(([count]) => count > 0).map(([count, name]) => `${count} ${name}`);
  return [`${completed} of ${total} completed`, ...parts].join(", ");
}

function Dues({ id }: { readonly id: string }) {
  const isOpen = useSignal(false);
  const path = `/api/backfills/${id}/dues?limit=${DUES_SHOWN}`;
  const dues = useData<Items<BackfillDueView>>(isOpen.value ? path : undefined, { calmMs: 1_000 });
  const items = dues.value?.items ?? [];
  return (
    <details
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary>Its due times</summary>
      <ul class="list">
        {items.map(({ dueAt, schedule, outcome, run, state }) => (
          <li key={schedule + dueAt}>
            <span class="grow">
              <Moment iso={dueAt} />
            </span>
            {outcome === "had-run" ? <span class="dim">had a run before</span> : null}
            {outcome === "no-schedule" ? <span class="dim">its schedule is gone</span> : null}
            {state === undefined ? null : <StateMark type={state} name={state.toLowerCase()} />}
            {run === undefined ? null : <RunLink id={run} name="Its run" />}
          </li>
        ))}
      </ul>
      {dues.value?.next === undefined ? null : (
        <p class="dim small">
          These are the first {DUES_SHOWN}: <code>tocsin backfills show {id} --dues</code> lists
          all.
        </p>
      )}
    </details>
  );
}

async function cancel({ id, flow, counts }: BackfillView): Promise<void> {
  const left = counts.toMake + counts.waiting;
  const isSure = await confirmed({
    title: "Cancel this backfill?",
    text: `${plural(left, "run")} of ${flow} will not be made or started. Those that run go on.`,
    action: "Cancel the backfill",
  });
  const path = `/api/backfills/${id}/cancel`;
  if (isSure) await perform({ path, done: `The backfill of ${flow} is cancelled` });
}
