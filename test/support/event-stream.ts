import { until } from "./until.ts";

export interface ReadEvent {
  readonly event: string;
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into data of every shape
  readonly data: any;
}

/** A stream of events, as a browser reads one. */
export interface EventReader {
  readonly status: number;
  readonly events: ReadEvent[];
  /** What a browser would send to resume. */
  lastId(): string;
  /** Waits until an event is there that is wanted. */
  untilEvent(isWanted: (event: ReadEvent) => boolean): Promise<ReadEvent>;
  /** The seqs of the transitions that were told. */
  seqs(): readonly number[];
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Reads what a response streams, by the rules of server-sent events (WHATWG HTML). */
export function readEvents(response: Response): EventReader {
  const events: ReadEvent[] = [];
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let lastId = "";
  const take = (block: string) => {
    const fields = block.split("\n").filter((line) => line !== "" && !line.startsWith(":"));
    const of = (name: string) =>
      fields
        .filter((line) => line.startsWith(`${name}: `))
        .map((line) => line.slice(name.length + 2));
    lastId = of("id").at(-1) ?? lastId;
    const data = of("data").join("\n");
    if (data === "") return;
    events.push({ event: of("event").at(-1) ?? "message", id: lastId, data: JSON.parse(data) });
  };
  const read = async () => {
    let rest = "";
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) take(block);
    }
  };
  return {
    status: response.status,
    events,
    lastId: () => lastId,
    untilEvent: async (isWanted) =>
      await until("the event comes", () => events.find(isWanted), {
        log: () => `came: ${JSON.stringify(events.slice(-5))}`,
      }),
    seqs: () =>
      events.filter(({ event }) => /^(?:transition|task)$/.test(event)).map(({ data }) => data.seq),
    ended: read().catch(() => undefined),
    close: () => void reader?.cancel().catch(() => undefined),
  };
}
