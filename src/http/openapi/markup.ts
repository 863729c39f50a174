/** HTML that is safe to put into a page as it is. */
export interface Markup {
  readonly text: string;
}

type Part = string | number | Markup | readonly Markup[];

/** A template whose parts are escaped, unless they are markup themselves. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { text: texts.map((text, index) => `${text}${shown(parts[index])}`).join("") };
}

/** Text in which `code` is between back quotes. */
export function inlineText(text: string): Markup {
  const parts = text.split(/`([^`]*)`/);
  return {
    text: parts
      .map((part, index) => (index % 2 === 1 ? `<code>${escaped(part)}</code>` : escaped(part)))
      .join(""),
  };
}

export const NOTHING: Markup = { text: "" };

function shown(part: Part | undefined): string {
  if (part === undefined) return "";
  if (typeof part === "string" || typeof part === "number") return escaped(String(part));
  return "text" in part ? part.text : part.map(({ text }) => text).join("");
}

function escaped(text: string): string {
  const ENTITIES: Readonly<Record<string, string>> = {
    ...{ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" },
  };
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}
