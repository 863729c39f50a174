import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { kindOf, optionsOf, type Schema } from "./schema.ts";
import type { Problems } from "./schema-check.ts";

interface ControlOptions {
  readonly schema: Schema;
  readonly name: string;
  readonly path: string;
  readonly isRequired: boolean;
  readonly value: unknown;
  readonly problems: Problems;
  readonly onChange: (value: unknown) => void;
}

/** A control with its name, what it is for, and what is wrong with what it holds. */
export function Labelled({
  children,
  ...options
}: ControlOptions & { readonly children: ComponentChildren }) {
  const { schema, name, path, isRequired, problems } = options;
  const problem = problems.get(path);
  const title = typeof schema["title"] === "string" ? schema["title"] : name;
  return (
    <div class="field">
      <label for={idOf(path)}>
        {title}
        {isRequired ? null : <span class="dim"> optional</span>}
      </label>
      {children}
      <p class="hint" id={`${idOf(path)}-hint`}>
        {hintOf(schema)}
      </p>
      <p class="field-problem" id={`${idOf(path)}-problem`}>
        {problem}
      </p>
    </div>
  );
}

function idOf(path: string): string {
  return `field${path}`;
}

function hintOf(schema: Schema): string {
  const { description, default: byDefault } = schema;
  const given = byDefault === undefined ? "" : `Without it: ${JSON.stringify(byDefault)}`;
  return [typeof description === "string" ? description : "", given]
    .filter((part) => part !== "")
    .join(" ");
}

function attributesOf({ path, problems }: ControlOptions) {
  const id = idOf(path);
  return {
    id,
    "aria-invalid": problems.has(path) ? ("true" as const) : undefined,
    "aria-describedby": `${id}-hint ${id}-problem`,
  };
}

/** A control for a value that has no others in it. An empty one gives nothing. */
export function PlainControl(options: ControlOptions) {
  switch (kindOf(options.schema)) {
    case "boolean":
      return <YesNo {...options} />;
    case "enum":
      return <OneOf {...options} />;
    case "number":
      return <NumberControl {...options} />;
    default:
      return <TextControl {...options} />;
  }
}

function YesNo(options: ControlOptions) {
  const { value, isRequired, onChange } = options;
  if (isRequired) {
    return (
      <input
        type="checkbox"
        {...attributesOf(options)}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  return (
    <select
      {...attributesOf(options)}
      value={value === undefined ? "" : String(value)}
      onChange={({ currentTarget: { value: text } }) =>
        onChange(text === "" ? undefined : text === "true")
      }
    >
      <option value="">not given</option>
      <option value="true">yes</option>
      <option value="false">no</option>
    </select>
  );
}

function OneOf(options: ControlOptions) {
  const values = optionsOf(options.schema) ?? [];
  const chosen = values.indexOf(options.value);
  return (
    <select
      {...attributesOf(options)}
      value={String(chosen)}
      onChange={(event) => options.onChange(values[Number(event.currentTarget.value)])}
    >
      <option value="-1">{options.isRequired ? "choose one" : "not given"}</option>
      {values.map((value, index) => (
        <option key={String(value)} value={String(index)}>
          {value === null ? "nothing (null)" : String(value)}
        </option>
      ))}
    </select>
  );
}

function NumberControl(options: ControlOptions) {
  const { schema, value, onChange } = options;
  return (
    <input
      type="number"
      step={schema["type"] === "integer" ? 1 : "any"}
      {...attributesOf(options)}
      value={typeof value === "number" ? value : ""}
      onInput={({ currentTarget: { value: text } }) =>
        onChange(text === "" ? undefined : Number(text))
      }
    />
  );
}

function TextControl(options: ControlOptions) {
  const { schema, value, onChange } = options;
  const text = typeof value === "string" ? value : "";
  const given = (typed: string) => (typed === "" ? undefined : typed);
  if (schema["format"] === "date-time") {
    return (
      <input
        type="datetime-local"
        {...attributesOf(options)}
        value={localOf(text)}
        onInput={({ currentTarget: { value: typed } }) =>
          onChange(typed === "" ? undefined : new Date(typed).toISOString())
        }
      />
    );
  }
  return schema["format"] === "date" ? (
    <input
      type="date"
      {...attributesOf(options)}
      value={text}
      onInput={(event) => onChange(given(event.currentTarget.value))}
    />
  ) : (
    <input
      type="text"
      {...attributesOf(options)}
      value={text}
      onInput={(event) => onChange(given(event.currentTarget.value))}
    />
  );
}

/** An instant as such an input takes it: in the browser's zone, without saying so. */
function localOf(iso: string): string {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) return "";
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Anything, written as JSON. What cannot be read as JSON is said at once. */
export function JsonField(options: ControlOptions) {
  const { value, onChange } = options;
  const [text, setText] = useState(value === undefined ? "" : JSON.stringify(value, undefined, 2));
  const [isBad, setBad] = useState(false);
  const problems = isBad ? new Map([[options.path, "This is no JSON"]]) : options.problems;
  const own = { ...options, problems };
  return (
    <Labelled {...own}>
      <textarea
        rows={Math.min(16, Math.max(3, text.split("\n").length))}
        spellcheck={false}
        {...attributesOf(own)}
        value={text}
        onInput={(event) => {
          const typed = event.currentTarget.value;
          setText(typed);
          const parsed = parsedOf(typed);
          setBad(parsed === "bad");
          onChange(parsed === "bad" ? typed : parsed.value);
        }}
      />
    </Labelled>
  );
}

function parsedOf(text: string): { readonly value: unknown } | "bad" {
  if (text.trim() === "") return { value: undefined };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return "bad";
  }
}
