import { durationInWords } from "../domain/duration.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const NO_WIDTH = /\p{Mn}|\p{Me}|\u200b|\u200d/u;

/** A text of a user's with every character made visible that could move the cursor or colour the terminal. */
export function printable(text: string): string {
  return text.replace(CONTROL, (sign) => {
    if (sign === "\n") return "↵";
    if (sign === "\t") return " ";
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** The same for a text of several lines: line feeds stay. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** How many columns of a terminal a text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const sign of text) width += NO_WIDTH.test(sign) ? 0 : WIDE.test(sign) ? 2 : 1;
  return width;
}

/** As much of a text as takes no more columns than `width`, with a sign at its end when something was cut. */
export function cutTo(text: string, width: number, sign: string): string {
  if (widthOf(text) <= width) return text;
  const room = width - widthOf(sign);
  if (room < 0) return "";
  let kept = "";
  let used = 0;
  for (const one of text) {
    used += widthOf(one);
    if (used > room) break;
    kept += one;
  }
  return kept + sign;
}

/** `3m 20s ago`, `in 2h`, `now`. */
export function relativeTime(iso: string, now: Date): string {
  const ms = Date.parse(iso) - now.getTime();
  if (Math.abs(ms) < 1_000) return "now";
  const words = durationInWords(Math.floor(Math.abs(ms) / 1_000) * 1_000);
  return ms < 0 ? `${words} ago` : `in ${words}`;
}

/** The time between two instants in words; empty when either is not there yet. */
export function spanOf(from: string | undefined, to: string | undefined): string {
  if (from === undefined || to === undefined) return "";
  return durationInWords(Math.max(0, Date.parse(to) - Date.parse(from)));
}

/** `4.0 KiB`, `12.3 MiB`. */
export function sizeInWords(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const size = bytes / 1_024 ** step;
  return `${step === 0 ? size : size.toFixed(1)} ${units[step]}`;
}
