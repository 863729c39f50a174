import type { Settings } from "../config/settings.ts";
import type { Clock } from "./domain/instant.ts";
import type { Redactor } from "./domain/redaction.ts";
import type { ReloadAnswer } from "./engine/commands.ts";
import type { ConfigKeeper } from "./engine/config-keeper.ts";
import { type Access, createAccess } from "./http/access.ts";
import { EventFeed } from "./http/event-feed.ts";
import { isLoopback } from "./http/loopback.ts";
import type { Log } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics/metrics.ts";
import { newsOf } from "./store/news-history.ts";
import type { Store } from "./store/open-store.ts";
import { isSameToken, openTokens, randomToken } from "./store/token-store.ts";

/** What stands between the store and those who ask: who may, and what they are told of as it happens. */
export interface Front {
  readonly access: Access;
  readonly feed: EventFeed;
  readonly metrics: Metrics;
  /** What lets in the commands of whoever may read the store's files; of this life of the daemon only. */
  readonly ownToken: string;
}

export interface FrontParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly settings: Pick<Settings, "listen" | "loopback" | "publicUrl">;
  readonly options: { readonly log: Log; readonly serve: boolean };
}

/** Watches the store from now on. */
export function openFront({ store, clock, redactor, settings, options }: FrontParts): Front {
  const { listen, loopback, publicUrl = "" } = settings;
  const feed = new EventFeed({ news: newsOf(store.reader), redactor });
  store.watch({
    runMoved: () => feed.moved(),
    taskMoved: () => feed.moved(),
    deliveryMoved: (no) => feed.deliveryMoved(no),
    committed: () => feed.committed(),
  });
  const ownToken = randomToken();
  const access = createAccess({
    tokens: openTokens({ store, clock }),
    clock,
    loopback,
    isExposed: !isLoopback(listen.hostname),
    isOwn: (text) => isSameToken(text, ownToken),
    isSecure: publicUrl.startsWith("https:"),
  });
  if (options.serve) warnOfStrangers(access, settings, options.log);
  return { access, feed, metrics: createMetrics(store), ownToken };
}

/** A proxy in front comes from this machine, whoever asks through it. */
function warnOfStrangers(
  { tokens }: Access,
  { publicUrl }: FrontParts["settings"],
  log: Log,
): void {
  if (tokens.any() || publicUrl === undefined || isLoopback(new URL(publicUrl).hostname)) return;
  log.warn(
    `There is no token: whoever is let through to "${publicUrl}" may do everything; make one with: tocsin token new NAME`,
  );
}

/** A keeper whose reloads are told of. */
export function tellingReloads(keeper: ConfigKeeper, feed: EventFeed): ConfigKeeper {
  const tell = (answer: ReloadAnswer) => {
    const generation = keeper.newest().number;
    if (answer.type === "accepted") {
      feed.configRead({ generation, accepted: true, changed: answer.changed });
    } else {
      feed.configRead({ generation, accepted: false, problems: answer.problems.length });
    }
    return answer;
  };
  return { ...keeper, reload: async (why) => tell(await keeper.reload(why)) };
}
