import { type Signal, signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { BackfillPlan, BackfillView } from "../../domain/backfill.ts";
import type { FlowView } from "../../http/flow-view.ts";
import { tell } from "./ask.ts";
import { perform } from "./notices.ts";
import { Moment } from "./parts.tsx";
import { Dialog } from "./shell.tsx";
import { plural } from "./words.ts";

/** The flow whose missed due times somebody wants to make up for. */
export const toBackfill = signal<FlowView | undefined>(undefined);

/** Asks from when to when, shows what would be run, and has it run once somebody says so. */
export function BackfillDialog() {
  const flow = toBackfill.value;
  if (flow === undefined) return null;
  const close = () => {
    toBackfill.value = undefined;
  };
  return (
    <Dialog label={`Backfill ${flow.name}`} onClose={close}>
      <BackfillForm key={flow.name} flow={flow} onDone={close} />
    </Dialog>
  );
}

interface Asked {
  readonly from: string;
  readonly to: string;
  readonly schedule: string;
  readonly overlap: string;
}

/** What was asked for, and what the daemon says of it. */
type Planned = { readonly plan: BackfillPlan } | { readonly problem: string } | undefined;

function BackfillForm({ flow, onDone }: { readonly flow: FlowView; readonly onDone: () => void }) {
  const asked = useSignal<Asked>({ from: "", to: "", schedule: "", overlap: "queue-all" });
  const planned = useSignal<Planned>(undefined);
  const path = `/api/flows/${encodeURIComponent(flow.name)}/backfill`;
  const look = async (event: Event) => {
    event.preventDefault();
    planned.value = await plan(path, asked);
  };
  const begin = async () => {
    const body = bodyOf(asked.value);
    const done = `The backfill of ${flow.name} has begun`;
    const answer = await perform<BackfillView>({ path, body, done });
    if (answer.ok) onDone();
  };
  return (
    <form noValidate onSubmit={(event) => void look(event)}>
      <h2>Backfill {flow.name}</h2>
      <p class="dim">
        Runs what was due in a time that has passed, and has no run yet. Times are of your zone,{" "}
        {Intl.DateTimeFormat().resolvedOptions().timeZone}.
      </p>
      <Fields flow={flow} asked={asked} planned={planned} />
      <Plan planned={planned.value} />
      <div class="buttons">
        <button type="button" onClick={onDone}>
          Do not
        </button>
        <button type="submit" class={isToRun(planned.value) > 0 ? "" : "primary"}>
          Show what would be run
        </button>
        {isToRun(planned.value) > 0 ? (
          <button type="button" class="primary" onClick={() => void begin()}>
            Run {plural(isToRun(planned.value), "due time")}
          </button>
        ) : null}
      </div>
    </form>
  );
}

function isToRun(planned: Planned): number {
  return planned === undefined || "problem" in planned
    ? 0
    : planned.plan.total - planned.plan.hadRun;
}

async function plan(path: string, asked: Signal<Asked>): Promise<Planned> {
  const { from, to } = asked.value;
  if (from === "" || to === "") return { problem: "Give both times" };
  const answer = await tell<BackfillPlan>(path, { ...bodyOf(asked.value), dryRun: true });
  return answer.ok ? { plan: answer.value } : { problem: answer.message };
}

function bodyOf({ from, to, schedule, overlap }: Asked) {
  const more = schedule === "" ? {} : { schedule };
  return {
    ...{ from: new Date(from).toISOString(), to: new Date(to).toISOString() },
    ...{ overlap, ...more },
  };
}

interface FieldsOptions {
  readonly flow: FlowView;
  readonly asked: Signal<Asked>;
  readonly planned: Signal<Planned>;
}

function Fields({ flow: { schedules }, asked, planned }: FieldsOptions) {
  const set = (field: keyof Asked) => (event: { readonly currentTarget: { value: string } }) => {
    asked.value = { ...asked.value, [field]: event.currentTarget.value };
    // What was shown is of other times than those that stand there now.
    planned.value = undefined;
  };
  const { from, to, schedule, overlap } = asked.value;
  return (
    <>
      <Labelled id="backfill-from" name="Due at or after">
        <input id="backfill-from" type="datetime-local" value={from} onInput={set("from")} />
      </Labelled>
      <Labelled id="backfill-to" name="and before">
        <input id="backfill-to" type="datetime-local" value={to} onInput={set("to")} />
      </Labelled>
      {schedules.length < 2 ? null : (
        <Labelled id="backfill-schedule" name="Schedule">
          <select id="backfill-schedule" value={schedule} onChange={set("schedule")}>
            <option value="">all of them</option>
            {schedules.map(({ key, inWords }) => (
              <option key={key} value={key}>
                {inWords}
              </option>
            ))}
          </select>
        </Labelled>
      )}
      <Labelled id="backfill-overlap" name="Its runs">
        <select id="backfill-overlap" value={overlap} onChange={set("overlap")}>
          <option value="queue-all">one after another, oldest first</option>
          <option value="allow">as many at once as there is room for</option>
        </select>
      </Labelled>
    </>
  );
}

function Labelled({
  id,
  name,
  children,
}: {
  readonly id: string;
  readonly name: string;
  readonly children: ComponentChildren;
}) {
  return (
    <>
      <label for={id}>{name}</label>
      {children}
    </>
  );
}

const SHOWN = 200;

function Plan({ planned }: { readonly planned: Planned }) {
  if (planned === undefined) return null;
  if ("problem" in planned) {
    return (
      <p class="field-problem" role="alert">
        {planned.problem}
      </p>
    );
  }
  const { total, hadRun, dues } = planned.plan;
  return (
    <div class="plan" role="status">
      <p>
        {total - hadRun === 0 ? "Nothing to do: " : ""}
        {plural(total, "due time")}
        {hadRun === 0 ? ", none of which has a run" : `, ${hadRun} of which had a run already`}.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <ol class="list short" tabIndex={0} aria-label="Due times">
        {dues.slice(0, SHOWN).map(({ dueAt, schedule, outcome }) => (
          <li key={schedule + dueAt}>
            <span class="grow">
              <Moment iso={dueAt} />
            </span>
            <span class="dim">{outcome === "had-run" ? "is left alone" : "would be run"}</span>
          </li>
        ))}
      </ol>
      {dues.length > SHOWN ? <p class="dim small">And {dues.length - SHOWN} more.</p> : null}
    </div>
  );
}
