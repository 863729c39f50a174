import { failureOf } from "./client.ts";
import { type ServerEvent, serverEvents } from "./server-events.ts";
import type { Way } from "./session.ts";

/** The daemon says something every 5 seconds: a stream that says nothing for longer is dead. */
const SILENT_MAX_MS = 20_000;
const CONNECT_AGAIN_MS = 250;
/** There are as many listeners as the daemon bears. */
const TOO_MANY = 503;

export interface Listening {
  /** `/api/events?run=…` */
  readonly path: string;
  readonly signal?: AbortSignal;
}

/**
 * The daemon's events, for as long as they are asked for: a stream that ends or breaks is begun again after the
 * last event that came, and none is left out.
 */
export async function* eventStream(
  way: Way,
  { path, signal }: Listening,
): AsyncGenerator<ServerEvent> {
  let lastId: string | undefined;
  while (signal?.aborted !== true) {
    try {
      for await (const event of oneStream(way, { path, lastId, signal })) {
        lastId = event.id ?? lastId;
        yield event;
      }
    } catch (error) {
      if (!(error instanceof BrokenOff)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, CONNECT_AGAIN_MS));
  }
}

/** The stream ended in the middle: the daemon, or the line to it, is gone. */
class BrokenOff extends Error {}

interface One {
  readonly path: string;
  readonly lastId: string | undefined;
  readonly signal: AbortSignal | undefined;
}

async function* oneStream(way: Way, { path, lastId, signal }: One): AsyncGenerator<ServerEvent> {
  const silence = new AbortController();
  const headers = {
    // The connection itself has no end (RFC 7240): after this long it is begun again.
    prefer: "wait=9000",
    ...(lastId === undefined ? {} : { "last-event-id": lastId }),
  };
  const signals = AbortSignal.any([silence.signal, ...(signal === undefined ? [] : [signal])]);
  const request = new Request(`${way.server}${path}`, { headers, signal: signals });
  const response = await way.send(request);
  if (response.status === TOO_MANY) return;
  if (!response.ok) throw failureOf(response, await response.text(), way.server);
  yield* serverEvents(heard(response, () => silence.abort()));
}

/** What comes, until nothing does for too long. */
async function* heard(response: Response, hangUp: () => void): AsyncGenerator<Uint8Array> {
  let timer = setTimeout(hangUp, SILENT_MAX_MS);
  try {
    for await (const chunk of response.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(hangUp, SILENT_MAX_MS);
      yield chunk;
    }
  } catch (cause) {
    throw new BrokenOff("the stream broke off", { cause });
  } finally {
    clearTimeout(timer);
  }
}
