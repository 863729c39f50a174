import { useEffect, useRef } from "preact/hooks";
import { place, setQuery } from "./router.ts";

interface FieldOptions {
  /** What it is called in the address. */
  readonly name: string;
  readonly label: string;
}

/** A search that is in the address. */
export function SearchField({
  name,
  label,
  waitMs = 0,
}: FieldOptions & { readonly waitMs?: number }) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const field = useRef<HTMLInputElement>(null);
  const value = place.value.query.get(name) ?? "";
  useEffect(() => {
    if (field.current !== null && document.activeElement !== field.current) {
      field.current.value = value;
    }
  }, [value]);
  return (
    <input
      ref={field}
      type="search"
      placeholder={`${label}   /`}
      aria-label={label}
      defaultValue={value}
      onInput={(event) => {
        const text = event.currentTarget.value;
        clearTimeout(timer.current);
        timer.current = setTimeout(() => setQuery({ [name]: text }), waitMs);
      }}
    />
  );
}

/** One of several, in the address. */
export function SelectField({
  name,
  label,
  options,
  value,
}: FieldOptions & {
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly value?: string;
}) {
  const chosen = value ?? place.value.query.get(name) ?? "";
  return (
    <select
      aria-label={label}
      title={label}
      value={chosen}
      onChange={(event) => setQuery({ [name]: event.currentTarget.value })}
    >
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  );
}
