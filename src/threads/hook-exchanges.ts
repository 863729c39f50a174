import type { Exchange } from "../domain/delivery.ts";
import { type Instant, instant } from "../domain/instant.ts";
import type { Outside } from "../sdk/outside-notes.ts";

const EXCHANGES_MAX = 50;
const TEXT_MAX = 500;
const DETAIL_MAX = 16_384;

/** What one hook does outside, kept while it is performed. */
export interface ExchangeBook {
  readonly outside: Outside;
  /** In the order in which they began. What has no answer so far ends without one. */
  taken(): readonly Exchange[];
}

export interface ExchangeOptions {
  /** Whether the hook is only tried: then details are kept as well. */
  readonly dry: boolean;
  /** Called once, when there are more than are kept. */
  readonly onTooMany: (text: string) => void;
}

interface Noted {
  readonly request: string;
  readonly detail: string | (() => string) | undefined;
  readonly startedAt: Instant;
  answered: { readonly answer: string; readonly at: Instant } | undefined;
}

export function exchangeBook({ dry, onTooMany }: ExchangeOptions): ExchangeBook {
  const kept: Noted[] = [];
  let tooMany = false;
  return {
    outside: {
      dry,
      begin({ request, detail }) {
        if (kept.length >= EXCHANGES_MAX) {
          if (!tooMany) onTooMany(`Exchanges beyond the first ${EXCHANGES_MAX} are not kept`);
          tooMany = true;
          return () => {};
        }
        const startedAt = instant(Date.now());
        const noted: Noted = { request, detail, startedAt, answered: undefined };
        kept.push(noted);
        return (answer) => {
          noted.answered ??= { answer, at: instant(Date.now()) };
        };
      },
    },
    taken: () => kept.map((noted) => exchangeOf(noted, dry)),
  };
}

function exchangeOf({ request, detail, startedAt, answered }: Noted, dry: boolean): Exchange {
  const text = typeof detail === "function" ? detail() : detail;
  return {
    request: tidy(request, TEXT_MAX),
    ...(!dry || text === undefined || text === "" ? {} : { detail: tidy(text, DETAIL_MAX) }),
    ...(answered === undefined ? {} : { answer: tidy(answered.answer, TEXT_MAX) }),
    startedAt,
    endedAt: answered?.at ?? (dry ? startedAt : instant(Date.now())),
  };
}

/** Without what a store cannot hold: NUL and lone surrogates. */
function tidy(text: string, max: number): string {
  const cut = text.length > max ? `${text.slice(0, max - 1)}…` : text;
  return cut.replaceAll("\0", "\uFFFD").toWellFormed();
}
