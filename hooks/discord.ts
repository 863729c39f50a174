import {
  type ContextOf,
  type Hook,
  type HookSettings,
  hook,
  type Moment,
  type RunMoment,
  v,
} from "../src/sdk/mod.ts";
import { cut, cutTo } from "./receiver/cut.ts";
import { post } from "./receiver/post.ts";
import { fitted, type Summary, summaryOf, type Tone } from "./receiver/summary.ts";
import { checked, type TextOrBlock, textOf } from "./receiver/text-of.ts";

export interface DiscordOptions<M extends Moment = RunMoment> extends HookSettings<M> {
  /** The address of a channel's webhook, better as a block: `block("secret/discord")`. */
  readonly webhook: TextOrBlock;
  /** The id of a thread in that channel. */
  readonly thread?: string;
  /** The name that the message is shown under; by default the webhook's own. */
  readonly username?: string;
  /** The text to send, in Discord's Markdown; by default an embed with what happened, why, and where to look. */
  readonly text?: (context: ContextOf<M>) => string | Promise<string>;
}

/** Discord's reference, "Execute Webhook" and "Embed Limits"; beyond them it answers 400. */
const CONTENT_MAX = 2_000;
const TITLE_MAX = 256;
const DESCRIPTION_MAX = 4_096;
/** Its limit is 1,024; with this one an embed as a whole stays below 6,000. */
const FIELD_MAX = 250;

const COLOURS: Readonly<Record<Tone, number>> = {
  good: 0x2eb67d,
  bad: 0xe01e5a,
  warning: 0xecb22e,
  neutral: 0x8a8d91,
};

/** Sends a message to a Discord channel. Whatever it holds, it calls nobody. */
export function discord<const M extends Moment = RunMoment>(given: DiscordOptions<M>): Hook {
  const { webhook, thread, username, text, ...options } = given;
  const address = checked(webhook, "discord({ webhook })");
  if (thread !== undefined && !/^\d+$/.test(thread)) {
    throw new TypeError(
      "Cannot make discord({ thread }): expected the id of a thread, digits in a text",
    );
  }
  return hook({
    name: "discord",
    ...options,
    run: async (context) => {
      const url = await textOf(address, context, "the Discord webhook");
      const body = JSON.stringify({
        ...(text === undefined
          ? { embeds: [embedOf(summaryOf(context))] }
          : { content: cut(await text(context), CONTENT_MAX) }),
        ...(username === undefined ? {} : { username }),
        allowed_mentions: { parse: [] },
      });
      const { signal } = context;
      await post({
        receiver: "Discord",
        url: addressed(url, thread),
        body,
        signal,
        secondsToWait,
      });
    },
  });
}

/**
 * Without `wait` Discord answers 204 even if it does not keep the message. The addresses that it hands out
 * name no version of its API, which means an old one by default, where waits are in milliseconds.
 */
function addressed(address: string, thread: string | undefined): string {
  const url = URL.parse(address);
  if (url === null) return address;
  url.pathname = url.pathname.replace(/^\/api\/webhooks\//, "/api/v10/webhooks/");
  url.searchParams.set("wait", "true");
  if (thread !== undefined) url.searchParams.set("thread_id", thread);
  return url.href;
}

function embedOf(summary: Summary) {
  const fits = (shorter: Summary) => described(shorter).length <= DESCRIPTION_MAX;
  return {
    title: cutTo(summary.title, (text) => escaped(text).length <= TITLE_MAX).replace(
      /.*/s,
      escaped,
    ),
    description: described(fitted(summary, fits)),
    color: COLOURS[summary.tone],
    fields: summary.facts.map(([name, text]) => ({
      name,
      value: escapedTo(text, FIELD_MAX),
      inline: true,
    })),
  };
}

/** The link is part of the text: Discord refuses embeds whose `url` names a host without a dot. */
function described({ message, url }: Summary): string {
  const quote = message === "" ? "" : `${escaped(message).replace(/^/gm, "> ")}\n\n`;
  return `${quote}See <${url}>`;
}

function escapedTo(text: string, max: number): string {
  return escaped(cutTo(text, (shorter) => escaped(shorter).length <= max));
}

/** A backslash before everything that Discord's Markdown may read as its own. */
function escaped(text: string): string {
  return text.replace(/[\\*_~`|>#\-[\]()<@:]/g, "\\$&").replace(/^(\s*\d+)\./gm, "$1\\.");
}

/** Discord's reference, "Rate Limits": `retry_after` in the body is more exact than the header. */
function secondsToWait(answer: unknown): number | undefined {
  const refusal = v.safeParse(v.object({ retry_after: v.number() }), answer);
  return refusal.success ? refusal.output.retry_after : undefined;
}
