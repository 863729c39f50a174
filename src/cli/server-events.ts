/** One server-sent event (WHATWG HTML). */
export interface ServerEvent {
  readonly event: string;
  /** What a client that connects again names, to be told of what came after. */
  readonly id?: string;
  readonly data: string;
}

/** Reads a stream of events to its end. What bears an id alone, a ping, is an event without a name. */
export async function* serverEvents(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of bytes) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) yield eventIn(block);
  }
}

function eventIn(block: string): ServerEvent {
  const values = (field: string) =>
    block
      .split("\n")
      .filter((line) => line.startsWith(`${field}: `))
      .map((line) => line.slice(field.length + 2));
  const id = values("id").at(-1);
  return {
    event: values("event").at(-1) ?? "",
    data: values("data").join("\n"),
    ...(id === undefined ? {} : { id }),
  };
}
