import { type Hook, type HookContext, type HookOptions, hook } from "../src/sdk/mod.ts";
import { post } from "./receiver/post.ts";
import { checked, type TextOrBlock, textOf } from "./receiver/text-of.ts";
import { subjectOf } from "./receiver/told.ts";

export interface SlackOptions extends Omit<HookOptions, "run"> {
  /** The address of an incoming webhook, better as a block: `block("slack-webhook/on-call")`. */
  readonly webhook: TextOrBlock;
  /** The text to send, in Slack's mrkdwn; by default what happened, why, and where to look. */
  readonly text?: (context: HookContext) => string | Promise<string>;
}

/** Slack cuts texts beyond 4,000 characters; the rest of ours is short. */
const REASON_MAX = 3_000;

/** Sends a message to a Slack channel. */
export function slack({ webhook, text = describe, ...options }: SlackOptions): Hook {
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

function describe(context: HookContext): string {
  const { run, state, urls } = context;
  const tags = run.tags.length === 0 ? "none" : run.tags.join(", ");
  return [
    `${escaped(subjectOf(context))} entered *${state.name}* with message:`,
    quoted(state.message),
    `See <${escaped(urls.run)}|the run in tocsin>`,
    `Tags: ${escaped(tags)}`,
    `Scheduled start: ${run.scheduledFor ?? `${run.createdAt} (by hand)`}`,
  ].join("\n\n");
}

function quoted(message: string): string {
  const text = message === "" ? "(none)" : message;
  const reason = text.length > REASON_MAX ? `${text.slice(0, REASON_MAX)}…` : text;
  return escaped(reason).replace(/^/gm, "> ");
}

/** The three characters that Slack reads as its own: without this a message could ping a channel. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
