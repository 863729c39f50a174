import {
  type AnyContext,
  type ContextOf,
  type Hook,
  type HookSettings,
  hook,
  type Moment,
  type RunMoment,
} from "../src/sdk/mod.ts";
import { bytesOf, cutTo } from "./receiver/cut.ts";
import { post } from "./receiver/post.ts";
import { checkedServer } from "./receiver/server.ts";
import { eventOf, fitted, plainText, summaryOf, type Tone } from "./receiver/summary.ts";
import { checked, type TextOrBlock, textOf } from "./receiver/text-of.ts";
import { checkedPriority, forTone, type Priority } from "./receiver/tone.ts";

export interface NtfyOptions<M extends Moment = RunMoment> extends HookSettings<M> {
  /** Whoever knows a topic of a public server can read it: better as a block, `block("secret/ntfy-topic")`. */
  readonly topic: TextOrBlock;
  /** A server of your own; https://ntfy.sh by default. */
  readonly server?: string;
  /** An access token, `tk_…`, better as a block: `block("secret/ntfy")`. */
  readonly token?: TextOrBlock;
  /** From 1 (no sound) to 5 (a long alarm), or one per tone; by default 4 for what is bad, else 3, or 2. */
  readonly priority?: Priority;
  /** The text to send below the title; by default why it happened, and the facts. */
  readonly text?: (context: ContextOf<M>) => string | Promise<string>;
}

const PRIORITIES: Readonly<Record<Tone, number>> = { bad: 4, warning: 3, good: 3, neutral: 2 };

/** Names of emojis, from the list in ntfy's docs, "Tags & emojis". */
const EMOJIS: Readonly<Record<Tone, string>> = {
  bad: "rotating_light",
  warning: "warning",
  good: "white_check_mark",
  neutral: "information_source",
};

/**
 * ntfy's docs, "Limitations": so many bytes; what is longer becomes an attached file. Its server takes twice as
 * many for the whole JSON, so what JSON writes in two bytes or more must not fill it.
 */
const MESSAGE_MAX = 4_096;
const MESSAGE_JSON_MAX = 6_000;

/** Publishes a message to an ntfy topic. */
export function ntfy<const M extends Moment = RunMoment>({
  topic,
  server,
  token,
  priority,
  text,
  ...options
}: NtfyOptions<M>): Hook {
  const given = checked(topic, "ntfy({ topic })");
  const secret = token === undefined ? undefined : checked(token, "ntfy({ token })");
  const url = checkedServer(server ?? "https://ntfy.sh", "ntfy({ server })");
  const priorities = checkedPriority(priority, "ntfy({ priority })", [1, 5]);
  return hook({
    name: "ntfy",
    ...options,
    run: async (context) => {
      const name = await topicIn(given, context);
      const key = secret && (await textOf(secret, context, "the token of ntfy")).trim();
      const { title, url: click, tone } = summaryOf(context);
      await post({
        receiver: "ntfy",
        url,
        headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
        body: JSON.stringify({
          topic: name,
          title,
          message: text === undefined ? describe(context) : cutTo(await text(context), fits),
          priority: forTone(priorities, PRIORITIES, tone),
          tags: [EMOJIS[tone], eventOf(context)],
          click,
        }),
        signal: context.signal,
        secrets: key === undefined ? [name] : [name, key],
      });
    },
  });
}

/** ntfy's docs, "Picking a topic"; checked here, for ntfy itself would only say "invalid request". */
async function topicIn(given: TextOrBlock, context: AnyContext): Promise<string> {
  const topic = (await textOf(given, context, "the topic of ntfy")).trim();
  if (/^[-_A-Za-z0-9]{1,64}$/.test(topic)) return topic;
  throw new Error(
    "Cannot use the topic of ntfy: expected at most 64 letters, digits, underscores and dashes",
  );
}

function describe(context: AnyContext): string {
  return plainText(fitted(summaryOf(context), (shorter) => fits(plainText(shorter))));
}

function fits(message: string): boolean {
  return bytesOf(message) <= MESSAGE_MAX && bytesOf(JSON.stringify(message)) <= MESSAGE_JSON_MAX;
}
