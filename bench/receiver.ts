/** A local receiver of webhooks that counts. */
export interface BenchReceiver {
  readonly url: string;
  /** Ids in the order in which they came first. */
  seen(): ReadonlySet<string>;
  total(): number;
  /** How many requests it had at once, at the most. */
  atOnce(): number;
  firstAt(): number | undefined;
  forget(): void;
  close(): Promise<void>;
}

/** `port` 0 takes any; `answerAfterMs` is how long each request takes it. */
export function openReceiver({ port = 0, answerAfterMs = 0 } = {}): BenchReceiver {
  const ids = new Set<string>();
  let total = 0;
  let now = 0;
  let most = 0;
  let firstAt: number | undefined;
  const server = Bun.serve({
    port,
    hostname: "127.0.0.1",
    async fetch(request) {
      firstAt ??= performance.now();
      total += 1;
      now += 1;
      most = Math.max(most, now);
      ids.add(request.headers.get("webhook-id") ?? `unnamed ${total}`);
      await request.arrayBuffer();
      if (answerAfterMs > 0) await Bun.sleep(answerAfterMs);
      now -= 1;
      return new Response();
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    seen: () => ids,
    total: () => total,
    atOnce: () => most,
    firstAt: () => firstAt,
    forget() {
      ids.clear();
      total = 0;
      most = 0;
      firstAt = undefined;
    },
    close: () => server.stop(true),
  };
}
