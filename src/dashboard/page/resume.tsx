import type { RunView } from "../../domain/run-view.ts";
import { DeedButton } from "./deed-button.tsx";
import { FormFields, useForm } from "./form.tsx";
import { Section, Time } from "./parts.tsx";
import { resumeRun } from "./run-actions.ts";

/** What a paused run waits for: somebody, with the input that it asked for. */
export function Resume({ run }: { readonly run: RunView }) {
  const { schema, until } = run.state;
  const form = useForm(schema);
  const submit = (event: Event) => {
    event.preventDefault();
    if (schema !== undefined && !form.check()) return;
    void resumeRun(run, schema === undefined ? undefined : form.value);
  };
  return (
    <Section name="It waits for you">
      <form class="card" noValidate onSubmit={submit}>
        {until === undefined ? null : (
          <p>
            It fails unless somebody resumes it: <Time iso={until} />.
          </p>
        )}
        {schema === undefined ? (
          <p>It asks for nothing but to go on.</p>
        ) : (
          <FormFields form={form} name="input" />
        )}
        <div class="buttons">
          <DeedButton type="submit" class="primary">
            Resume
          </DeedButton>
        </div>
      </form>
    </Section>
  );
}
