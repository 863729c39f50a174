import { useSignal } from "@preact/signals";
import type { FlowView } from "../../http/flow-view.ts";
import { order, trigger, wantsParameters } from "./flow-actions.ts";
import { FormFields, useForm } from "./form.tsx";
import { Dialog } from "./shell.tsx";

/** Asks what a flow is to be run with, once somebody wants to run one. */
export function TriggerDialog() {
  const asked = order.value;
  if (asked === undefined) return null;
  const close = () => {
    order.value = undefined;
  };
  return (
    <Dialog label={`Run ${asked.flow.name}`} onClose={close}>
      <TriggerForm flow={asked.flow} given={asked.parameters} onDone={close} />
    </Dialog>
  );
}

const POLICIES = ["skip", "queue-one", "queue-all", "cancel-running", "allow"];

function TriggerForm({
  flow,
  given,
  onDone,
}: {
  readonly flow: FlowView;
  readonly given: unknown;
  readonly onDone: () => void;
}) {
  const schema = flow.parametersSchema ?? { type: "object" };
  const form = useForm(schema, given);
  const when = useSignal("");
  const overlap = useSignal("");
  const tags = useSignal("");
  const isBusy = useSignal(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isBusy.value || !form.check()) return;
    isBusy.value = true;
    const more = extrasOf({ when: when.value, overlap: overlap.value, tags: tags.value });
    const run = await trigger(flow.name, { parameters: form.value ?? {}, ...more });
    isBusy.value = false;
    if (run !== undefined) onDone();
  };
  return (
    <form noValidate onSubmit={(event) => void submit(event)}>
      <h2>Run {flow.name}</h2>
      {wantsParameters(flow) || flow.parametersSchema === undefined ? (
        <FormFields form={form} name="parameters" />
      ) : (
        <p class="dim">It takes no parameters.</p>
      )}
      <details>
        <summary>When, and beside what</summary>
        <label for="trigger-at">Not before</label>
        <input
          id="trigger-at"
          type="datetime-local"
          value={when.value}
          onInput={(event) => {
            when.value = event.currentTarget.value;
          }}
        />
        <label for="trigger-overlap">If a run is going on</label>
        <select
          id="trigger-overlap"
          value={overlap.value}
          onChange={(event) => {
            overlap.value = event.currentTarget.value;
          }}
        >
          <option value="">as the flow says: {flow.overlap}</option>
          {POLICIES.map((policy) => (
            <option key={policy} value={policy}>
              {policy}
            </option>
          ))}
        </select>
        <label for="trigger-tags">Tags</label>
        <input
          id="trigger-tags"
          value={tags.value}
          onInput={(event) => {
            tags.value = event.currentTarget.value;
          }}
        />
      </details>
      <div class="buttons">
        <button type="button" onClick={onDone}>
          Do not
        </button>
        <button type="submit" class="primary" disabled={isBusy.value}>
          Run
        </button>
      </div>
    </form>
  );
}

interface Extras {
  readonly when: string;
  readonly overlap: string;
  readonly tags: string;
}

/** Of what may be said of a run beside its parameters, what was. */
function extrasOf({ when, overlap, tags }: Extras): Readonly<Record<string, unknown>> {
  const given = {
    at: when === "" ? undefined : new Date(when).toISOString(),
    overlap: overlap === "" ? undefined : overlap,
    tags: tags.trim() === "" ? undefined : tags.trim().split(/[\s,]+/),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
