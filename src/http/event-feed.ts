import type { ConfigNews, DeliveryNews, NewsSource, TransitionNews } from "../domain/news.ts";
import type { Redactor } from "../domain/redaction.ts";
import { type Behind, EventClient, type EventFilter, sseText } from "./event-client.ts";
import { tellOfLines } from "./line-news.ts";
import { redactJsonText } from "./redact-answers.ts";

export const CLIENTS_MAX = 1_000;
const PAGE = 500;
/** What is committed within this time is read and told together. */
const GATHER_MS = 20;
const PING_MS = 5_000;
/** Deliveries that moved and were not read yet; beyond it the oldest are not told of. */
const DELIVERIES_MAX = 10_000;

export interface EventFeedDeps {
  readonly news: NewsSource;
  readonly redactor?: Redactor;
}

export interface Joining {
  readonly filter: EventFilter;
  /** The last transition that the client knows; undefined for one that begins now. */
  readonly lastSeq?: number;
}

/**
 * Tells clients what has been committed. It reads the store, like everybody: whoever resumes and whoever is
 * there get the same rows in the same order. What is read is made into text once for all clients that want
 * the same. Costs nothing while nobody listens.
 */
export class EventFeed {
  readonly #deps: EventFeedDeps;
  readonly #clients = new Set<EventClient>();
  /** Every live client has been told of all transitions up to here. */
  #position = 0;
  readonly #deliveries = new Set<number>();
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #pinging: ReturnType<typeof setInterval> | undefined;

  constructor(deps: EventFeedDeps) {
    this.#deps = deps;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Something has been committed. */
  moved(): void {
    if (this.#clients.size === 0 || this.#gathering !== undefined) return;
    this.#gathering = setTimeout(() => this.#tell(), GATHER_MS);
  }

  /** Something has been committed that may be lines of a run. */
  committed(): void {
    if ([...this.#clients].some(({ filter }) => filter.lines)) this.moved();
  }

  deliveryMoved(no: number): void {
    if (this.#clients.size === 0) return;
    if (this.#deliveries.size < DELIVERIES_MAX) this.#deliveries.add(no);
    this.moved();
  }

  configRead(news: ConfigNews): void {
    const text = sseText({ event: "config", data: this.#shown(news) });
    this.#push(text, ({ run }) => run === undefined);
  }

  /** Answers undefined where there are too many already. */
  join({ filter, lastSeq }: Joining): ReadableStream<Uint8Array> | undefined {
    if (this.#clients.size >= CLIENTS_MAX) return undefined;
    if (this.#clients.size === 0) this.#begin();
    const known = this.#deps.news.lastSeq();
    // Of a store that was put back to an earlier state: what the client knows is not what there is.
    const isReset = lastSeq !== undefined && lastSeq > known;
    const seq = lastSeq === undefined || isReset ? known : lastSeq;
    let greeting = `retry: 1000\n\n${isReset ? resetText(seq) : ""}${helloText(seq)}`;
    const client = new EventClient({
      filter,
      seq,
      behind: (behind) => {
        const { text, isLive } = this.#behind(behind);
        const told = greeting + text;
        greeting = "";
        return { text: told, isLive };
      },
      onGone: (gone) => this.#leave(gone),
    });
    this.#clients.add(client);
    return client.stream();
  }

  stop(): void {
    this.#sendAway("stopping", "the daemon stops");
  }

  /** Who may listen has changed: all are to come again, and to be asked who they are. */
  askAgain(): void {
    this.#sendAway("tokens", "tokens have changed; connect again with Last-Event-ID");
  }

  #sendAway(reason: string, message: string): void {
    const data = JSON.stringify({ reason, message });
    for (const client of this.#clients) client.end(sseText({ event: "bye", data }));
  }

  #begin(): void {
    this.#position = this.#deps.news.lastSeq();
    this.#pinging = setInterval(() => this.#ping(), PING_MS);
    this.#pinging.unref?.();
  }

  #leave(client: EventClient): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    clearInterval(this.#pinging);
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#deliveries.clear();
  }

  /** The id of a ping moves on whoever is told of little: it has no less to be told when it resumes. */
  #ping(): void {
    const bytes = new TextEncoder().encode(`: ping\nid: ${this.#position}\n\n`);
    for (const client of this.#clients) if (client.isLive && client.isIdle) client.push(bytes);
  }

  #tell(): void {
    this.#gathering = undefined;
    const isAll = this.#tellPage();
    this.#tellDeliveries();
    tellOfLines(this.#clients, this.#deps.news);
    if (!isAll) this.moved();
  }

  /** Tells live clients of the next transitions; answers whether there are no more. */
  #tellPage(): boolean {
    const page = this.#deps.news.transitionsAfter({ after: this.#position, limit: PAGE });
    const last = page.at(-1)?.seq;
    if (last === undefined) return true;
    this.#position = last;
    const told = page.map((news) => ({ news, text: this.#textOf(news) }));
    const live = [...this.#clients].filter(({ isLive }) => isLive);
    for (const alike of Map.groupBy(live, ({ filter }) => filter.key).values()) {
      const text = told.filter(({ news }) => concerns(news, alike[0]?.filter));
      if (text.length > 0) pushAll(alike, text.map((one) => one.text).join(""));
      for (const client of alike) client.seq = last;
    }
    return page.length < PAGE;
  }

  #tellDeliveries(): void {
    const nos = [...this.#deliveries].slice(0, PAGE);
    for (const no of nos) this.#deliveries.delete(no);
    if (this.#deliveries.size > 0) this.moved();
    for (const news of this.#deps.news.deliveries(nos)) {
      const text = sseText({ event: "delivery", data: this.#shown(news) });
      this.#push(text, (filter) => concernsDelivery(news, filter));
    }
  }

  /** The next page for a client that is behind. Once it is level with the others it is one of them. */
  #behind(client: EventClient): Behind {
    const { filter, seq } = client;
    const ofRun = filter.run === undefined ? {} : { runNo: filter.run.no };
    const page = this.#deps.news.transitionsAfter({ after: seq, limit: PAGE, ...ofRun });
    client.seq = page.at(-1)?.seq ?? seq;
    const own = page.filter((news) => concerns(news, filter));
    const text = own.map((news) => this.#textOf(news)).join("");
    if (page.length === PAGE) return { text, isLive: false };
    // All that is committed has been read, and nothing is committed before this returns.
    while (!this.#tellPage());
    client.seq = this.#position;
    return { text, isLive: true };
  }

  #textOf(news: TransitionNews): string {
    const event = news.taskRun === undefined ? "transition" : "task";
    return sseText({ event, id: news.seq, data: this.#shown(news) });
  }

  /** Redacted here, once, and not in every answer. */
  #shown(news: TransitionNews | DeliveryNews | ConfigNews): string {
    const text = JSON.stringify(news);
    const { redactor } = this.#deps;
    return redactor === undefined ? text : redactJsonText(text, redactor);
  }

  #push(text: string, isFor: (filter: EventFilter) => boolean): void {
    const clients = [...this.#clients].filter(({ isLive, filter }) => isLive && isFor(filter));
    if (clients.length > 0) pushAll(clients, text);
  }
}

function pushAll(clients: readonly EventClient[], text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (const client of clients) client.push(bytes);
}

function concerns(news: TransitionNews, filter: EventFilter | undefined): boolean {
  if (filter === undefined) return false;
  if (news.taskRun !== undefined && !filter.tasks) return false;
  return concernsRun(news, filter);
}

function concernsDelivery(news: DeliveryNews, filter: EventFilter): boolean {
  return concernsRun({ flow: news.flow, run: news.run ?? "" }, filter);
}

function concernsRun(
  { flow, run }: { readonly flow: string; readonly run: string },
  filter: EventFilter,
): boolean {
  if (filter.run !== undefined && filter.run.id !== run) return false;
  return filter.flows === undefined || filter.flows.has(flow);
}

/** Its id lets a client resume that was told of nothing yet. */
function helloText(seq: number): string {
  return sseText({ event: "hello", id: seq, data: JSON.stringify({ seq }) });
}

function resetText(seq: number): string {
  const message = "the store is in an earlier state than you know; read everything again";
  return sseText({ event: "reset", id: seq, data: JSON.stringify({ seq, message }) });
}
