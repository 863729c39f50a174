/** What a statement can be given. */
export type Bindable = string | number | bigint | boolean | Date | null | undefined;

const SUSPECT = /\\u0000|\\ud[89a-f]/i;

/**
 * Maps one parameter to what the binding can take. The binding aborts the whole process on a boolean,
 * NUL cuts a text short, and a lone surrogate would come back as invalid UTF-8, which aborts too.
 */
export function bound(value: Bindable): string | number | bigint | null {
  switch (typeof value) {
    case "string":
      return cleanText(value);
    case "boolean":
      return value ? 1 : 0;
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`Cannot store number "${value}"`);
      return value;
    case "bigint":
      return value;
    case "undefined":
      return null;
    default:
      return value === null ? null : value.getTime();
  }
}

/** The text with NUL shown as `␀` and lone surrogates replaced: safe to be stored and read back. */
function cleanText(text: string): string {
  const wellFormed = text.toWellFormed();
  return wellFormed.includes("\0") ? wellFormed.replaceAll("\0", "␀") : wellFormed;
}

/** Rows as one JSON document for `json_each`, every text in it clean. */
export function rowsJson(rows: readonly unknown[]): string {
  const json = JSON.stringify(rows);
  if (!SUSPECT.test(json)) return json;
  return JSON.stringify(rows, (_, value: unknown) =>
    typeof value === "string" ? cleanText(value) : value,
  );
}
