import { serve } from "bun";
import { until } from "./until.ts";

export interface Request {
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** What to do with a request: a status, or nothing for ever. */
export type Reaction = number | "hang";

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly Request[];
  /** Changes what happens to requests from now on. */
  react(reaction: (request: Request, index: number) => Reaction | Promise<Reaction>): void;
  /** Waits until so many requests have come, and answers them. */
  untilReceived(count: number, log?: () => string): Promise<readonly Request[]>;
}

/** A real HTTP server of the test's own that keeps what it is sent; it answers 200 unless told otherwise. */
export function aReceiver(): Receiver {
  const requests: Request[] = [];
  let reaction: (request: Request, index: number) => Reaction | Promise<Reaction> = () => 200;
  const server = serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: async (incoming) => {
      const { pathname } = new URL(incoming.url);
      const request = { path: pathname, headers: incoming.headers, body: await incoming.text() };
      const index = requests.push(request) - 1;
      const status = await reaction(request, index);
      if (status === "hang") return await new Promise<Response>(() => {});
      return new Response("", { status });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    requests,
    react(next) {
      reaction = next;
    },
    async untilReceived(count, log = () => "") {
      await until(`${count} requests have come`, () => requests.length >= count, {
        log: () => `${requests.length} came\n${log()}`,
      });
      return requests;
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
