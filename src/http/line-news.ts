import type { NewsSource } from "../domain/news.ts";
import { type EventClient, sseText } from "./event-client.ts";

/**
 * Tells clients that want to know that their run wrote lines since. Only that: they are read where lines are
 * read, so that none is lost and none is there twice.
 */
export function tellOfLines(clients: Iterable<EventClient>, news: NewsSource): void {
  for (const client of clients) {
    const { run, lines } = client.filter;
    if (!client.isLive || !lines || run === undefined) continue;
    const last = news.lastLine(run.no);
    if (last === client.line) continue;
    client.line = last;
    const data = JSON.stringify({ run: run.id, last });
    client.push(new TextEncoder().encode(sseText({ event: "lines", data })));
  }
}
