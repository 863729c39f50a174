import { useSignal } from "@preact/signals";
import type { ExplainView } from "../../http/explain-view.ts";
import { useData } from "./data.ts";
import { Failure, Prose, Section } from "./parts.tsx";

/** Why it did, or did not, run at a time. */
export function Explain({ path }: { readonly path: string }) {
  const when = useSignal("");
  const at = when.value === "" ? undefined : new Date(when.value).toISOString();
  const query = at === undefined ? "" : `?at=${at}`;
  const explained = useData<ExplainView>(`${path}/explain${query}`, { calmMs: 5_000 });
  return (
    <Section
      name="Why it did, or did not, run"
      aside={
        <label class="inline">
          At{" "}
          <input
            type="datetime-local"
            aria-label="The time in question"
            onChange={(event) => {
              when.value = event.currentTarget.value;
            }}
          />
        </label>
      }
    >
      <Failure of={explained} />
      {(explained.value?.sentences ?? []).map((sentence) => (
        <p key={sentence}>
          <Prose text={sentence} />
        </p>
      ))}
    </Section>
  );
}
