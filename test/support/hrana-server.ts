import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type HranaRequest, type HranaStream, openStream } from "./hrana-stream.ts";

// A stand-in for libSQL's server: it speaks Hrana over HTTP (JSON) and keeps everything in a libSQL file.

/** A stream that nobody asks anything for so long is closed, one with a transaction after half of it. */
const STREAM_MS = 10_000;
const LOOK_MS = 50;

/** What becomes of a request: done and answered, or one of the two lost on the way, or none of it for now. */
export type Fate = "answered" | "request-lost" | "answer-lost" | "unavailable" | "hangs";

export interface HranaServer {
  /** With `http:`. */
  readonly url: string;
  /** The file that everything is in. */
  readonly path: string;
  /** How many requests came, those that were lost among them. */
  requests(): number;
  lost(): number;
  /** Decides on each request from now on, which it may read. */
  judge(fate: (body: string) => Fate | Promise<Fate>): void;
  stop(): Promise<void>;
}

export interface HranaOptions {
  readonly path: string;
  /** What its bearer token must be; without one, nobody needs any. */
  readonly token?: string;
  readonly bytesMax?: number;
  readonly port?: number;
  readonly streamMs?: number;
}

/** Loses some of the requests, and as many answers, of a hundred each. */
export function losing(percent: number, random: () => number = Math.random): () => Fate {
  return () => {
    const roll = random() * 100;
    if (roll < percent) return "request-lost";
    return roll < 2 * percent ? "answer-lost" : "answered";
  };
}

export async function startHranaServer(options: HranaOptions): Promise<HranaServer> {
  const streams = new Map<string, OpenStream>();
  let fateOf: (body: string) => Fate | Promise<Fate> = () => "answered";
  let [requests, lost] = [0, 0];
  const server = createServer((request, response) => {
    void serve(request, response);
  });
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    requests += 1;
    const fate = await fateOf(body);
    if (fate !== "answered") lost += 1;
    if (fate === "unavailable") return answer(response, 503, { error: "come back later" });
    if (fate === "request-lost") return void response.socket?.destroy();
    const { status, told } = handle(request, body, { streams, options });
    if (fate === "answer-lost") return void response.socket?.destroy();
    if (fate === "answered") answer(response, status, told);
  }
  const look = setInterval(() => closeIdle(streams, options.streamMs ?? STREAM_MS), LOOK_MS);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    path: options.path,
    requests: () => requests,
    lost: () => lost,
    judge: (next) => {
      fateOf = next;
    },
    stop() {
      clearInterval(look);
      for (const { stream } of streams.values()) stream.close();
      server.closeAllConnections();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}

interface OpenStream {
  readonly stream: HranaStream;
  readonly usedAt: number;
}

interface Inside {
  readonly streams: Map<string, OpenStream>;
  readonly options: HranaOptions;
}

interface Told {
  readonly status: number;
  readonly told: unknown;
}

function handle(request: IncomingMessage, body: string, inside: Inside): Told {
  const refused = refusalOf(request, body, inside.options);
  return refused ?? answerPipeline(JSON.parse(body) as Pipeline, inside);
}

function refusalOf(
  { headers, method, url = "" }: IncomingMessage,
  body: string,
  { token, bytesMax = Number.POSITIVE_INFINITY }: HranaOptions,
): Told | undefined {
  if (token !== undefined && headers.authorization !== `Bearer ${token}`) {
    return { status: 401, told: { error: "Unauthorized: the token is not valid" } };
  }
  if (method === "GET" && /^\/v[23]$/.test(url)) return { status: 200, told: {} };
  if (method !== "POST" || !/^\/v[23]\/pipeline$/.test(url)) {
    return { status: 404, told: { error: "no such endpoint" } };
  }
  return body.length > bytesMax ? { status: 413, told: { error: "too large" } } : undefined;
}

function answerPipeline({ baton, requests }: Pipeline, { streams, options }: Inside): Told {
  const known = streams.get(baton ?? "");
  if (typeof baton === "string" && known === undefined) {
    return { status: 400, told: { message: "the stream has expired", code: "STREAM_EXPIRED" } };
  }
  streams.delete(baton ?? "");
  const stream = known?.stream ?? openStream(options.path);
  const results = requests.map((one) => stream.answer(one));
  if (requests.some(({ type }) => type === "close")) {
    stream.close();
    return { status: 200, told: { baton: null, base_url: null, results } };
  }
  const next = randomUUID();
  streams.set(next, { stream, usedAt: Date.now() });
  return { status: 200, told: { baton: next, base_url: null, results } };
}

interface Pipeline {
  readonly baton?: string | null;
  readonly requests: readonly HranaRequest[];
}

function closeIdle(streams: Map<string, OpenStream>, ms: number): void {
  for (const [baton, { stream, usedAt }] of streams) {
    const most = stream.inTransaction() ? ms / 2 : ms;
    if (Date.now() - usedAt < most) continue;
    streams.delete(baton);
    stream.close();
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function answer(response: ServerResponse, status: number, told: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(told));
}
