/** What a client wants to be told of. Clients with the same `key` want the same. */
export interface EventFilter {
  readonly key: string;
  /** Undefined: of all. */
  readonly flows?: ReadonlySet<string>;
  readonly run?: { readonly id: string; readonly no: number };
  readonly tasks: boolean;
  /** Also whether the run wrote more lines. */
  readonly lines: boolean;
}

/** What waits for a client that reads slowly. Beyond it the client is let go: it can resume. */
const WAITING_BYTES_MAX = 1_048_576;
const BYE = sseText({
  event: "bye",
  data: JSON.stringify({
    reason: "slow",
    message: "too much waits to be read; connect again with Last-Event-ID to go on where you were",
  }),
});

export interface EventClientOptions {
  readonly filter: EventFilter;
  /** The last transition that the client knows. */
  readonly seq: number;
  /**
   * What the client, which is behind, has not seen yet, and how far that goes; `isLive` once it is told of
   * everything that comes. Called only when the client can take more.
   */
  readonly behind: (client: EventClient) => Behind;
  readonly onGone: (client: EventClient) => void;
}

export interface Behind {
  readonly text: string;
  readonly isLive: boolean;
}

/** One stream of events: what waits to be read by it, and how far it is. */
export class EventClient {
  readonly filter: EventFilter;
  /** The last transition that it was told of, or that was none of its concern. */
  seq: number;
  isLive = false;
  /** The last line of its run that it was told is there. */
  line = 0;
  readonly #options: EventClientOptions;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #isOver = false;
  #wake: () => void = () => {};

  constructor(options: EventClientOptions) {
    this.#options = options;
    this.filter = options.filter;
    this.seq = options.seq;
  }

  /** Whether nothing waits to be read. */
  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  /** Adds what all clients of its kind are told: the same bytes for all of them. */
  push(bytes: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#waitingBytes + bytes.byteLength > WAITING_BYTES_MAX) {
      // What is thrown away was not told: the last id that the client has read is where it resumes.
      this.#clear();
      this.end(BYE);
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.byteLength;
    this.#wake();
  }

  /** Says a last thing and closes. */
  end(text: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting.push(new TextEncoder().encode(text));
    this.#options.onGone(this);
    this.#wake();
  }

  /** The stream that is answered. It is asked for more only when its reader has taken what there was. */
  stream(): ReadableStream<Uint8Array> {
    const source = {
      pull: async (controller: ReadableStreamDefaultController<Uint8Array>) => {
        const bytes = await this.#next();
        if (bytes === undefined) controller.close();
        else controller.enqueue(bytes);
      },
      cancel: () => {
        this.#isOver = true;
        this.#clear();
        this.#options.onGone(this);
        this.#wake();
      },
    };
    return new ReadableStream(source, { highWaterMark: 0 });
  }

  async #next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const waiting = this.#take();
      if (waiting !== undefined) return waiting;
      if (this.#isOver) return undefined;
      if (this.isLive) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      const { text, isLive } = this.#options.behind(this);
      this.isLive = isLive;
      if (text !== "") return new TextEncoder().encode(text);
      // A long way through what is none of its concern holds up nobody.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #take(): Uint8Array | undefined {
    if (this.#waiting.length <= 1) {
      this.#waitingBytes = 0;
      return this.#waiting.pop();
    }
    const all = new Uint8Array(this.#waiting.reduce((sum, { byteLength }) => sum + byteLength, 0));
    let at = 0;
    for (const bytes of this.#waiting) {
      all.set(bytes, at);
      at += bytes.byteLength;
    }
    this.#clear();
    return all;
  }

  #clear(): void {
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
  }
}

export interface SseEvent {
  readonly event: string;
  readonly id?: number;
  /** One line. */
  readonly data: string;
}

/** An event as its text (WHATWG HTML, "Server-sent events"). */
export function sseText({ event, id, data }: SseEvent): string {
  const mark = id === undefined ? "" : `id: ${id}\n`;
  return `event: ${event}\n${mark}data: ${data}\n\n`;
}
