import { StartRefused } from "../domain/start-refused.ts";
import { isLoopback } from "./loopback.ts";
import { BODY_MAX_BYTES } from "./read-body.ts";

/** Anything that answers requests: the API's app. */
export interface Answering {
  fetch(request: Request, from?: Origin): Response | Promise<Response>;
}

export interface Origin {
  /** The address of whoever opened the connection. */
  readonly peer: string;
}

export interface Address {
  readonly hostname: string;
  /** 0 for one that is free. */
  readonly port: number;
}

export interface HttpServer {
  readonly url: string;
  /** Takes no more requests, lets those in flight end for a moment, then closes. May be called twice. */
  stop(): Promise<void>;
}

const STOP_GRACE_MS = 2_000;

/**
 * Listens and answers. Refuses an address that other machines can reach while no token tells friends from
 * strangers. The only file that knows the servers of bun and deno.
 */
export async function serveHttp(
  app: Answering,
  address: Address,
  { hasTokens = false }: { readonly hasTokens?: boolean } = {},
): Promise<HttpServer> {
  const shown = shownAddress(address);
  if (!isLoopback(address.hostname) && !hasTokens) {
    throw new StartRefused(
      `Cannot listen on "${shown}": an address that other machines can reach needs a token, and there are none; make one first with "tocsin token new NAME", or listen on 127.0.0.1`,
      1,
    );
  }
  try {
    const server = start(app, address);
    return { url: urlOf(address.hostname, server.port), stop: once(() => stopped(server)) };
  } catch (error) {
    const refused = new StartRefused(`Cannot listen on "${shown}": ${reasonOf(error)}`, 1);
    refused.cause = error;
    throw refused;
  }
}

interface Listening {
  readonly port: number;
  /** Waits for the requests in flight. */
  close(): Promise<void>;
  kill(): Promise<void>;
}

/** The parts of the two runtimes that are used here; neither's types are there under the other. */
interface Runtimes {
  readonly Bun?: {
    serve(options: {
      hostname: string;
      port: number;
      idleTimeout: number;
      maxRequestBodySize: number;
      fetch: (request: Request, server: BunServer) => Response | Promise<Response>;
    }): { readonly port: number; stop(closeActive?: boolean): Promise<void> };
  };
  readonly Deno?: {
    serve(
      options: { hostname: string; port: number; signal: AbortSignal; onListen: () => void },
      fetch: (
        request: Request,
        info: { readonly remoteAddr: { readonly hostname?: string } },
      ) => Response | Promise<Response>,
    ): {
      readonly addr: { readonly port: number };
      shutdown(): Promise<void>;
      readonly finished: Promise<void>;
    };
  };
}

interface BunServer {
  timeout(request: Request, seconds: number): void;
  requestIP(request: Request): { readonly address: string } | null;
}

function start(app: Answering, { hostname, port }: Address): Listening {
  const { Bun: bun, Deno: deno } = globalThis as unknown as Runtimes;
  if (bun !== undefined) {
    // Far above the API's own limit, whose answer says more: what is larger is refused there before it is read.
    const maxRequestBodySize = 64 * BODY_MAX_BYTES;
    const server = bun.serve({
      ...{ hostname, port, idleTimeout: 60, maxRequestBodySize },
      fetch(request, serving) {
        // Whoever says that the answer may take its time is not cut off while nothing is said.
        if (request.headers.has("prefer")) serving.timeout(request, 0);
        const peer = serving.requestIP(request)?.address ?? "";
        return untimed(app.fetch(request, { peer }), () => serving.timeout(request, 0));
      },
    });
    return {
      port: server.port,
      close: () => server.stop(),
      kill: () => server.stop(true),
    };
  }
  if (deno === undefined) throw new Error("neither bun nor deno runs this program");
  const controller = new AbortController();
  const { signal } = controller;
  const server = deno.serve(
    { hostname, port, signal, onListen: () => undefined },
    (request, { remoteAddr }) => app.fetch(request, { peer: remoteAddr.hostname ?? "" }),
  );
  const kill = async () => {
    controller.abort();
    await server.finished;
  };
  return { port: server.addr.port, close: () => server.shutdown(), kill };
}

/** A stream of events is silent for as long as nothing happens. */
async function untimed(
  answering: Response | Promise<Response>,
  endTimeout: () => void,
): Promise<Response> {
  const answer = await answering;
  const type = answer.headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream")) endTimeout();
  return answer;
}

async function stopped(server: Listening): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), STOP_GRACE_MS);
  });
  const ended = await Promise.race([server.close(), late]);
  clearTimeout(timer);
  if (ended === "late") await server.kill();
}

function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= action();
    return done;
  };
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE" || /address.*in use|in use/i.test(message)) {
    return "the address is in use; another daemon may be running, or give another with --listen";
  }
  if (code === "EACCES" || /permission denied/i.test(message)) {
    return "not permitted; take a port above 1023";
  }
  return message;
}

function shownAddress({ hostname, port }: Address): string {
  return hostname.includes(":") && !hostname.startsWith("[")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
}

function urlOf(hostname: string, port: number): string {
  return `http://${shownAddress({ hostname, port })}`;
}
