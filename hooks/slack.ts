import {
  type AnyContext,
  type ContextOf,
  type Hook,
  type HookSettings,
  hook,
  type Moment,
  type RunMoment,
} from "../src/sdk/mod.ts";
import { post } from "./receiver/post.ts";
import { fitted, type Summary, summaryOf } from "./receiver/summary.ts";
import { checked, type TextOrBlock, textOf } from "./receiver/text-of.ts";

export interface SlackOptions<M extends Moment = RunMoment> extends HookSettings<M> {
  /** The address of an incoming webhook, better as a block: `block("slack-webhook/on-call")`. */
  readonly webhook: TextOrBlock;
  /** The text to send, in Slack's mrkdwn; by default what happened, why, and where to look. */
  readonly text?: (context: ContextOf<M>) => string | Promise<string>;
}

/** What chat.postMessage in Slack's reference advises for `text`; far beyond it texts are truncated. */
const TEXT_MAX = 4_000;

/** Sends a message to a Slack channel. */
export function slack<const M extends Moment = RunMoment>({
  webhook,
  text = describe,
  ...options
}: SlackOptions<M>): Hook {
  const address = checked(webhook, "slack({ webhook })");
  return hook({
    name: "slack",
    ...options,
    run: async (context) => {
      const url = await textOf(address, context, "the Slack webhook");
      const body = JSON.stringify({ text: await text(context), unfurl_links: false });
      await post({ receiver: "Slack", url, body, signal: context.signal });
    },
  });
}

function describe(context: AnyContext): string {
  return laidOut(fitted(summaryOf(context), (shorter) => laidOut(shorter).length <= TEXT_MAX));
}

function laidOut({ title, message, facts, url }: Summary): string {
  return [
    `*${escaped(title)}*`,
    quoted(message === "" ? "(no message)" : message),
    `See <${escaped(url)}|it in tocsin>`,
    facts.map(([label, text]) => `${label}: ${escaped(text)}`).join("\n"),
  ].join("\n\n");
}

function quoted(text: string): string {
  return escaped(text).replace(/^/gm, "> ");
}

/** The three characters that Slack reads as its own: without this a message could ping a channel. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
