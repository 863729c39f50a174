/** `gcloud run jobs delete x`; an argument that is not plain stands in quotes. */
export function commandLine(args: unknown): string {
  return (Array.isArray(args) ? args : [args]).map(shown).join(" ");
}

export function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join(" ");
  const text = typeof value === "object" && value !== null ? rawOf(value) : String(value);
  return /^[\w@%+=:,./-]+$/.test(text) ? text : JSON.stringify(text);
}

/** What `{ raw }` holds in a template of `Bun.$`. */
function rawOf(value: object): string {
  const raw: unknown = Reflect.get(value, "raw");
  return typeof raw === "string" ? raw : Object.prototype.toString.call(value);
}
