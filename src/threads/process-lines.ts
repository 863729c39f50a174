/** An unfinished line is kept until its end is read, but not for ever. */
const PARTIAL_MAX = 65_536;

export interface LineReader {
  write(chunk: Uint8Array): void;
  /** Gives what is left of an unfinished line. */
  end(): void;
}

/** Splits bytes into lines of text. A line longer than `partialMax` characters comes in parts. */
export function lineReader(
  take: (line: string) => void,
  { partialMax = PARTIAL_MAX }: { readonly partialMax?: number } = {},
): LineReader {
  const decoder = new TextDecoder();
  // Kept as parts: a line of megabytes must not be copied with each chunk.
  let parts: string[] = [];
  let length = 0;
  const finish = (last: string) => {
    parts.push(last);
    const line = parts.join("");
    parts = [];
    length = 0;
    take(line);
  };
  const add = (text: string) => {
    const lines = text.split("\n");
    const rest = lines.pop() ?? "";
    for (const line of lines) finish(line);
    parts.push(rest);
    length += rest.length;
    if (length > partialMax) finish("");
  };
  return {
    write: (chunk) => add(decoder.decode(chunk, { stream: true })),
    end() {
      if (length > 0) finish("");
    },
  };
}
