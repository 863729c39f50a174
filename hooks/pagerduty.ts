import { hostname } from "node:os";
import { type AnyContext, type Hook, type HookSettings, hook } from "../src/sdk/mod.ts";
import { cut } from "./receiver/cut.ts";
import { isOutdated, type NewsMoment, NO_NEWS, newsOf } from "./receiver/news-of.ts";
import { post } from "./receiver/post.ts";
import { refuseMoments } from "./receiver/refuse-moments.ts";
import { checkedServer } from "./receiver/server.ts";
import { eventOf, summaryOf } from "./receiver/summary.ts";
import { checked, type TextOrBlock, textOf } from "./receiver/text-of.ts";

export interface PagerdutyOptions extends HookSettings<NewsMoment> {
  /** The integration key of an Events API v2 integration, better as a block: `block("secret/pagerduty")`. */
  readonly routingKey: TextOrBlock;
  /** `error` for what failed, `warning` for the rest by default. */
  readonly severity?: PagerdutySeverity | ((context: AnyContext) => PagerdutySeverity);
  /** What belongs to one alert: the flow by default, and the task where a task run is told of. */
  readonly dedupKey?: (context: AnyContext) => string;
  /** Another service region: `https://events.eu.pagerduty.com/v2/enqueue`. */
  readonly url?: string;
}

export type PagerdutySeverity = "critical" | "error" | "warning" | "info";

const ENQUEUE = "https://events.pagerduty.com/v2/enqueue";
/** Lengths from the page "Send an Alert Event" of PagerDuty's developer documentation. */
const SUMMARY_MAX = 1_024;
const DEDUP_KEY_MAX = 255;
/** An event may have 512 KB as a whole ("Events API v2 Overview", size limits). */
const MESSAGE_MAX = 50_000;

/** Opens an alert when something is wrong with a flow, and resolves it when a run completes. */
export function pagerduty(options: PagerdutyOptions): Hook {
  const { routingKey, severity, dedupKey = keyOf, url = ENQUEUE, ...settings } = options;
  const address = checkedServer(url, "pagerduty({ url })");
  const key = checked(routingKey, "pagerduty({ routingKey })");
  refuseMoments(settings, NO_NEWS, {
    option: "pagerduty({ on })",
    why: "there is nothing to open or resolve",
  });
  return hook({
    name: "pagerduty",
    ...settings,
    run: async (context: AnyContext) => {
      const event = await eventFor(context);
      if (event === undefined) return;
      const secret = await textOf(key, context, "the routing key of PagerDuty");
      const common = {
        routing_key: secret,
        event_action: event,
        dedup_key: fit(dedupKey(context)),
      };
      const alert = event === "resolve" ? {} : alertOf(context, severity);
      const body = JSON.stringify({ ...common, ...alert });
      const { signal } = context;
      await post({ receiver: "PagerDuty", url: address, body, signal, secrets: [secret] });
    },
  });
}

async function eventFor(context: AnyContext): Promise<"trigger" | "resolve" | undefined> {
  const news = newsOf(context);
  if (news === undefined) {
    context.log.info(`PagerDuty is not told of "${eventOf(context)}"`);
    return undefined;
  }
  if (await isOutdated(context, news)) {
    context.log.warn("PagerDuty is not told: a later run of the flow has ended the other way");
    return undefined;
  }
  return news === "trouble" ? "trigger" : "resolve";
}

function keyOf({ flow, task }: AnyContext): string {
  return task === undefined ? `tocsin/${flow.name}` : `tocsin/${flow.name}/${task}`;
}

/** A key that is too long keeps its end, which tells it from others, too. */
function fit(key: string): string {
  if (key.length <= DEDUP_KEY_MAX) return key;
  const half = Math.floor((DEDUP_KEY_MAX - 1) / 2);
  return `${key.slice(0, half)}…${key.slice(-half)}`;
}

function alertOf(context: AnyContext, severity: PagerdutyOptions["severity"]) {
  const { title, message, facts, url, tone } = summaryOf(context);
  const asTold = typeof severity === "function" ? severity(context) : severity;
  return {
    client: "tocsin",
    client_url: url,
    links: [{ href: url, text: "See it in tocsin" }],
    payload: {
      summary: cut(message === "" ? title : `${title}: ${message}`, SUMMARY_MAX),
      source: hostname(),
      severity: asTold ?? (tone === "bad" ? "error" : "warning"),
      timestamp: context.decision?.decidedAt ?? context.state?.at,
      component: context.flow.name,
      class: eventOf(context),
      custom_details: {
        Message: cut(message, MESSAGE_MAX),
        ...Object.fromEntries(facts),
        Delivery: context.delivery.id,
      },
    },
  };
}
