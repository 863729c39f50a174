/** The text in at most `max` UTF-16 units; what is cut off is replaced by "…". No character is cut in two. */
export function cut(text: string, max: number): string {
  return text.length <= max ? text : `${wholeCharacters(text.slice(0, max - 1))}…`;
}

/** The longest start of the text, or all of it, that `fits` when "…" ends it. */
export function cutTo(text: string, fits: (text: string) => boolean): string {
  if (fits(text)) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(cut(text, middle))) low = middle;
    else high = middle - 1;
  }
  return cut(text, Math.max(low, 1));
}

/** How many bytes the text takes in UTF-8. */
export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

function wholeCharacters(text: string): string {
  return text.replace(/[\uD800-\uDBFF]$/, "");
}
