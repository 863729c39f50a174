import { type Signal, signal, useSignal } from "@preact/signals";
import { durationInWords } from "../../domain/duration.ts";
import type { Moment } from "../../domain/flow.ts";
import type { TrialView } from "../../domain/trial.ts";
import type { HookView } from "../../http/hook-view.ts";
import { type Answer, tell } from "./ask.ts";
import { Said } from "./delivery-rows.tsx";
import { bump } from "./live.ts";
import { confirmed } from "./notices.ts";
import { FlowLink, Prose, RunLink, StateMark } from "./parts.tsx";
import { Dialog } from "./shell.tsx";

/** The hook that somebody wants to see at work. */
export const toTry = signal<HookView | undefined>(undefined);

/** Performs a hook once: what it does outside is shown first, and done only if somebody says so. */
export function TrialDialog() {
  const hook = toTry.value;
  if (hook === undefined) return null;
  const close = () => {
    toTry.value = undefined;
  };
  return (
    <Dialog label={`Try ${hook.name}`} onClose={close}>
      <TrialForm key={hook.key} hook={hook} onDone={close} />
    </Dialog>
  );
}

interface Asked {
  readonly moment: Moment | "";
  readonly run: string;
}

function TrialForm({ hook, onDone }: { readonly hook: HookView; readonly onDone: () => void }) {
  const asked = useSignal<Asked>({ moment: "", run: "" });
  const answer = useSignal<Answer<TrialView> | undefined>(undefined);
  const isBusy = useSignal(false);
  const perform = async (send: boolean) => {
    if (isBusy.peek()) return;
    isBusy.value = true;
    answer.value = await tell<TrialView>(`/api/hooks/${encodeURIComponent(hook.key)}/test`, {
      ...given(asked.value),
      send,
    });
    isBusy.value = false;
    if (send) bump();
  };
  const send = async () => {
    const isSure = await confirmed({
      title: "Send it?",
      text: `${hook.name} is performed for real: whoever it tells hears it now.`,
      action: "Send it",
    });
    if (isSure) await perform(true);
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void perform(false);
      }}
    >
      <h2>Try {hook.name}</h2>
      <Fields hook={hook} asked={asked} />
      <div role="status" aria-busy={isBusy.value}>
        {answer.value === undefined ? null : <Tried answer={answer.value} />}
      </div>
      <div class="buttons">
        <button type="button" onClick={onDone}>
          Close
        </button>
        <button type="button" disabled={isBusy.value} onClick={() => void send()}>
          Send it…
        </button>
        <button type="submit" class="primary" disabled={isBusy.value}>
          {isBusy.value ? "…" : "Show what it would do"}
        </button>
      </div>
    </form>
  );
}

function given({ moment, run }: Asked) {
  return {
    ...(moment === "" ? {} : { moment }),
    ...(run.trim() === "" ? {} : { run: run.trim() }),
  };
}

function Fields({ hook, asked }: { readonly hook: HookView; readonly asked: Signal<Asked> }) {
  return (
    <>
      <label for="trial-moment">Moment</label>
      <select
        id="trial-moment"
        value={asked.value.moment}
        onChange={({ currentTarget: { value } }) => {
          const moment = hook.moments.find((one) => one === value) ?? "";
          asked.value = { ...asked.value, moment };
        }}
      >
        <option value="">the one that fits</option>
        {hook.moments.map((moment) => (
          <option key={moment} value={moment}>
            {moment}
          </option>
        ))}
      </select>
      <label for="trial-run">
        Of the run <span class="dim">id or name; one is made up without it</span>
      </label>
      <input
        id="trial-run"
        value={asked.value.run}
        onInput={(event) => {
          asked.value = { ...asked.value, run: event.currentTarget.value };
        }}
      />
    </>
  );
}

function Tried({ answer }: { readonly answer: Answer<TrialView> }) {
  if (!answer.ok) return <p class="field-problem">{answer.message}</p>;
  const trial = answer.value;
  const { outcome, sent, startedAt, endedAt, moment, retryAfterMs } = trial;
  const isGood = outcome === "delivered";
  const word = isGood ? (sent ? "Delivered" : "It would be delivered") : `It ${outcome}`;
  const length = durationInWords(Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)));
  const wait = retryAfterMs === undefined ? "" : `, retry after ${durationInWords(retryAfterMs)}`;
  return (
    <div class="plan">
      <p class="standing">
        <StateMark type={isGood ? "delivered" : "failed"} name={word} />
        <span class="dim">{`in ${length}${wait}`}</span>
      </p>
      <p class="small">
        {moment} of <Told trial={trial} />
      </p>
      <Said {...trial} isSent={sent} />
      <p class="small dim">
        {sent ? "It was sent." : "Nothing was sent or started: this is what it would do."}
      </p>
    </div>
  );
}

/** What the hook was told of, and whether that ever happened. */
function Told({
  trial: { run, flow, task, state, decision, madeUp },
}: {
  readonly trial: TrialView;
}) {
  if (decision !== undefined) {
    return (
      <>
        {madeUp === "nothing" ? "a" : "a made-up"} due time of <FlowLink name={flow} />,{" "}
        {decision.kind}: <Prose text={decision.reason} />
      </>
    );
  }
  return (
    <>
      {task === undefined ? "" : `task ${task} in `}
      {run === undefined || madeUp === "all" ? "a made-up run" : <RunLink {...run} />} of{" "}
      <FlowLink name={flow} />
      {state === undefined ? "" : `, ${state.name}`}
      {madeUp === "state" ? " (this state is made up: the run has had none that fits)" : ""}
    </>
  );
}
