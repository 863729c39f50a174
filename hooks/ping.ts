import { type AnyContext, type Hook, type HookSettings, hook } from "../src/sdk/mod.ts";
import { cut } from "./receiver/cut.ts";
import { isOutdated } from "./receiver/news-of.ts";
import { post } from "./receiver/post.ts";
import { plainText, summaryOf } from "./receiver/summary.ts";
import { checked, type TextOrBlock, textOf } from "./receiver/text-of.ts";

export interface PingOptions extends HookSettings {
  /**
   * A check's ping URL, by UUID or by ping key and slug, better as a block: `block("secret/ping")`. Whoever
   * knows it can ping.
   */
  readonly url: TextOrBlock;
}

/** Servers keep the first 10 or 100 kB of a body, and cut the rest. */
const MESSAGE_MAX = 8_000;

/**
 * Tells healthchecks.io, or a server of its kind, that a run has begun, is done or has failed ("Pinging API"
 * and "Measuring script run time" of its documentation).
 */
export function ping({ url, ...options }: PingOptions): Hook {
  const address = checked(url, "ping({ url })");
  return hook({
    name: "ping",
    ...options,
    run: async (context: AnyContext) => {
      const base = await textOf(address, context, "the ping URL");
      await post({
        receiver: "the check",
        url: pingUrl(base, await suffixNow(context), context),
        headers: { "content-type": "text/plain; charset=utf-8" },
        body: bodyOf(context),
        signal: context.signal,
        secrets: [base],
      });
    },
  });
}

type Suffix = "" | "/start" | "/fail" | "/log";

/** The run's id is a UUID in the form that `rid` wants: it ties the end to its start where runs overlap. */
function pingUrl(base: string, suffix: Suffix, { run }: AnyContext): string {
  const url = URL.parse(base);
  if (url === null) return base;
  url.pathname = url.pathname.replace(/\/+$/, "") + suffix;
  if (run !== undefined) url.searchParams.set("rid", run.id);
  return url.href;
}

/** What comes too late is only logged: it would begin a run that is over, or turn the check's status back. */
async function suffixNow(context: AnyContext): Promise<Suffix> {
  const suffix = suffixOf(context);
  const { client, delivery, run } = context;
  if (delivery.attempt === 1 || suffix === "/log" || run === undefined) return suffix;
  if (suffix === "/start") {
    return (await client.runs.find(run.id))?.state.type === "RUNNING" ? suffix : "/log";
  }
  return (await isOutdated(context, suffix === "" ? "all-clear" : "trouble")) ? "/log" : suffix;
}

/** `/log` leaves the check's status as it is. A task's news are no news of the run that the check is about. */
function suffixOf({ task, state, delivery }: AnyContext): Suffix {
  if (task !== undefined || state === undefined) return "/log";
  if (delivery.moment === "onLate" || delivery.moment === "onRunningLong") return "/log";
  switch (state.type) {
    case "RUNNING":
      return "/start";
    case "COMPLETED":
      return "";
    case "FAILED":
    case "CRASHED":
      return "/fail";
    default:
      return "/log";
  }
}

function bodyOf(context: AnyContext): string {
  const summary = summaryOf(context);
  const text = plainText({ ...summary, message: cut(summary.message, MESSAGE_MAX) });
  return `${summary.title}\n\n${text}\n\n${summary.url}`;
}
