import { useState } from "preact/hooks";
import {
  choicesOf,
  initialOf,
  isSchema,
  kindOf,
  propertiesOf,
  resolved,
  type Schema,
  titleOf,
} from "./schema.ts";
import { type Problems, pathIn } from "./schema-check.ts";
import { JsonField, Labelled, PlainControl } from "./schema-controls.tsx";

/** A place in a form: its schema, what it holds, and what is wrong with it. */
export interface FieldOptions {
  readonly schema: Schema;
  readonly root: Schema;
  readonly name: string;
  readonly path: string;
  readonly isRequired: boolean;
  readonly value: unknown;
  readonly problems: Problems;
  /** Undefined for nothing. */
  readonly onChange: (value: unknown) => void;
}

/** A field for anything that a schema describes; within it, fields for what is in that. */
export function Field(options: FieldOptions) {
  const schema = resolved(options.schema, options.root);
  const own = { ...options, schema };
  switch (kindOf(schema)) {
    case "object":
      return <ObjectField {...own} />;
    case "array":
      return <ListField {...own} />;
    case "choice":
      return <ChoiceField {...own} />;
    case "const":
      return null;
    case "json":
      return <JsonField {...own} />;
    default:
      return (
        <Labelled {...own}>
          <PlainControl {...own} />
        </Labelled>
      );
  }
}

/** The fields of an object, without a frame where it is the whole form. */
export function Fields({ schema, root, path, value, problems, onChange }: FieldOptions) {
  const fields = isSchema(value) ? value : {};
  return (
    <>
      {propertiesOf(schema).map(({ key, schema: inner, isRequired }) => (
        <Field
          key={key}
          schema={inner}
          root={root}
          name={key}
          path={pathIn(path, key)}
          isRequired={isRequired}
          value={fields[key]}
          problems={problems}
          onChange={(next) => {
            const { [key]: _, ...rest } = fields;
            onChange(next === undefined ? rest : { ...fields, [key]: next });
          }}
        />
      ))}
    </>
  );
}

function ObjectField(options: FieldOptions) {
  const { name, isRequired, value, schema, root, onChange, problems, path } = options;
  const isThere = value !== undefined;
  return (
    <fieldset>
      <legend>{name}</legend>
      {isRequired ? null : (
        <label class="check">
          <input
            type="checkbox"
            checked={isThere}
            onChange={() => onChange(isThere ? undefined : initialOf(schema, root, true))}
          />
          Give {name}
        </label>
      )}
      <Description schema={schema} />
      <Problem text={isThere ? undefined : problems.get(path)} />
      {isThere || isRequired ? <Fields {...options} /> : null}
    </fieldset>
  );
}

function ListField({
  schema,
  root,
  name,
  path,
  value,
  problems,
  onChange,
  isRequired,
}: FieldOptions) {
  const items = Array.isArray(value) ? value : [];
  const inner = isSchema(schema["items"]) ? schema["items"] : {};
  const change = (next: readonly unknown[]) =>
    onChange(next.length === 0 && !isRequired ? undefined : next);
  return (
    <fieldset>
      <legend>{name}</legend>
      <Description schema={schema} />
      <Problem text={problems.get(path)} />
      {items.map((item, index) => (
        <div class="item" key={index}>
          <Field
            schema={inner}
            root={root}
            name={`${name} ${index + 1}`}
            path={pathIn(path, index)}
            isRequired
            value={item}
            problems={problems}
            onChange={(next) => change(items.with(index, next))}
          />
          <button
            type="button"
            aria-label={`Remove ${name} ${index + 1}`}
            onClick={() => change(items.toSpliced(index, 1))}
          >
            Remove
          </button>
        </div>
      ))}
      <button type="button" onClick={() => change([...items, initialOf(inner, root, true)])}>
        Add to {name}
      </button>
    </fieldset>
  );
}

/** One of several shapes: which one is chosen first. */
function ChoiceField(options: FieldOptions) {
  const { schema, root, name, isRequired, onChange } = options;
  const choices = choicesOf(schema).map((choice) => resolved(choice, root));
  const [chosen, choose] = useState(isRequired ? 0 : -1);
  const choice = choices[chosen];
  const id = `choice${options.path}`;
  return (
    <fieldset>
      <legend>{name}</legend>
      <Description schema={schema} />
      <label for={id}>Which kind of {name}</label>
      <select
        id={id}
        value={String(chosen)}
        onChange={(event) => {
          const index = Number(event.currentTarget.value);
          const next = choices[index];
          choose(index);
          if (next === undefined) onChange(undefined);
          else onChange(next["type"] === "null" ? null : initialOf(next, root, true));
        }}
      >
        {isRequired ? null : <option value="-1">not given</option>}
        {choices.map((one, index) => (
          <option key={index} value={String(index)}>
            {titleOf(one)}
          </option>
        ))}
      </select>
      {choice === undefined || choice["type"] === "null" ? null : kindOf(choice) === "object" ? (
        <Fields {...options} schema={choice} />
      ) : (
        <Field key={chosen} {...options} schema={choice} isRequired />
      )}
    </fieldset>
  );
}

function Description({ schema }: { readonly schema: Schema }) {
  const text = schema["description"];
  return typeof text === "string" ? <p class="hint">{text}</p> : null;
}

function Problem({ text }: { readonly text: string | undefined }) {
  return text === undefined ? null : <p class="field-problem">{text}</p>;
}
