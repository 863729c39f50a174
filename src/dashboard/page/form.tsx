import { useState } from "preact/hooks";
import { initialOf, isSchema, kindOf, resolved, type Schema } from "./schema.ts";
import { type Problems, problemsOf } from "./schema-check.ts";
import { JsonField } from "./schema-controls.tsx";
import { Field, Fields } from "./schema-form.tsx";

const NOTHING: Problems = new Map();

export interface Form {
  readonly schema: Schema;
  readonly value: unknown;
  readonly problems: Problems;
  set(value: unknown): void;
  /** Shows what is wrong and goes to the first of it; answers whether nothing is. */
  check(): boolean;
}

/** A form for what a schema describes, with what it begins with. */
export function useForm(schema: Schema | undefined, given?: unknown): Form {
  const root = schema ?? {};
  const [value, setValue] = useState<unknown>(() => given ?? initialOf(root, root, true));
  const [isChecked, setChecked] = useState(false);
  return {
    schema: root,
    value,
    problems: isChecked ? problemsOf(root, value) : NOTHING,
    set: setValue,
    check() {
      setChecked(true);
      const problems = problemsOf(root, value);
      const [first] = problems.keys();
      if (first !== undefined) {
        requestAnimationFrame(() => document.getElementById(`field${first}`)?.focus());
      }
      return problems.size === 0;
    },
  };
}

/** The fields of a form; or all of it as JSON, for who would rather paste it. */
export function FormFields({ form, name }: { readonly form: Form; readonly name: string }) {
  const [isJson, setJson] = useState(false);
  const schema = resolved(form.schema, form.schema);
  const options = {
    ...{ schema, root: form.schema, name, path: "", isRequired: true },
    ...{ value: form.value, problems: form.problems, onChange: form.set },
  };
  if (kindOf(schema) === "json") return <JsonField {...options} />;
  return (
    <>
      {isJson ? (
        <JsonField key="json" {...options} />
      ) : kindOf(schema) === "object" ? (
        <Fields {...options} />
      ) : (
        <Field {...options} />
      )}
      <label class="check">
        <input
          type="checkbox"
          checked={isJson}
          disabled={isJson && !isSchema(form.value)}
          onChange={() => setJson(!isJson)}
        />
        As JSON
      </label>
      {isJson ? (
        <ul class="field-problems">
          {[...form.problems]
            .filter(([path]) => path !== "")
            .map(([path, problem]) => (
              <li key={path} class="field-problem">
                {path.slice(1).replaceAll("/", ".")}: {problem}
              </li>
            ))}
        </ul>
      ) : null}
    </>
  );
}
