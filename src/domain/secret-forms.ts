import type { Json } from "./json.ts";

/** Forms other than the text itself are made of texts up to this length. */
const ENCODED_MAX = 16_384;
/** Parts of a secret that are shorter than this are too common to be looked for by themselves. */
const LINE_MIN = 8;
const PATH_MIN = 12;
const BASE64_MIN = 8;

/** All the forms in which the texts of a secret value turn up elsewhere: encoded, escaped, in parts. */
export function secretForms(value: Json): readonly string[] {
  const texts = textsIn(value);
  const parts = texts.flatMap((text) => [text, ...linesOf(text), ...partsOfUrl(text)]);
  return [...new Set(parts)].flatMap((part) => [...new Set(encodings(part))]);
}

function textsIn(value: Json): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap((part) => textsIn(part));
}

/** Output is kept by lines: a text of several, such as a private key, never turns up whole. */
function linesOf(text: string): readonly string[] {
  if (!text.includes("\n")) return [text.trim()];
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.length >= LINE_MIN && !line.startsWith("-----"));
}

/** Of an address its password, and what follows the host: that is where tokens stand. */
function partsOfUrl(text: string): readonly string[] {
  if (!text.includes("://") || !URL.canParse(text)) return [];
  const { href, username, password, pathname, search } = new URL(text);
  const rest = `${pathname}${search}`;
  return [
    href,
    ...(rest.length >= PATH_MIN ? [rest] : []),
    ...(password === "" ? [] : [password, decoded(password)]),
    ...(password === "" ? [] : [`${decoded(username)}:${decoded(password)}`]),
  ];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function encodings(text: string): readonly string[] {
  if (text.length > ENCODED_MAX) return [text];
  const percent = encodeURIComponent(text.toWellFormed());
  const form = new URLSearchParams([["", text]]).toString().slice(1);
  const json = inJson(text);
  return [
    text,
    json,
    // JSON inside JSON, and inside a page.
    inJson(json),
    ...[text, json].map(inHtml),
    percent,
    encodeURI(text.toWellFormed()),
    form,
    ...[percent, form].map((encoded) => encoded.replace(/%../g, (sign) => sign.toLowerCase())),
    ...base64Of(text),
  ];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function inHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Base64 of the text wherever in a longer one it stands, such as the password in `user:password`. */
function base64Of(text: string): readonly string[] {
  const bytes = [...new TextEncoder().encode(text)];
  return [0, 1, 2]
    .flatMap((before) => {
      const encoded = btoa(String.fromCharCode(...Array<number>(before).fill(0), ...bytes));
      // Characters at both ends also hold bits of what stands beside the text.
      const first = before === 0 ? 0 : before + 1;
      const end = Math.floor(((before + bytes.length) * 8) / 6);
      const own = encoded.slice(first, end);
      return [own, own.replaceAll("+", "-").replaceAll("/", "_")];
    })
    .filter((own) => own.length >= BASE64_MIN);
}
