import {
  type AnyContext,
  type ContextOf,
  type Hook,
  type HookSettings,
  hook,
  type Moment,
  type RunMoment,
  v,
} from "../src/sdk/mod.ts";
import { cut } from "./receiver/cut.ts";
import { post } from "./receiver/post.ts";
import { checkedServer } from "./receiver/server.ts";
import { fitted, type Summary, summaryOf } from "./receiver/summary.ts";
import { checked, type TextOrBlock, textOf } from "./receiver/text-of.ts";

export interface TelegramOptions<M extends Moment = RunMoment> extends HookSettings<M> {
  /** What @BotFather gave for the bot, better as a block: `block("secret/telegram")`. */
  readonly token: TextOrBlock;
  /** The id of a chat, such as -1001234567890, or the name of a public one, such as "@ops". */
  readonly chat: number | TextOrBlock;
  /** The id of a topic in a group that has topics. */
  readonly thread?: number;
  /** Whether phones show the message without a sound. */
  readonly silent?: boolean;
  /** The text to send; by default what happened, why, and where to look. */
  readonly text?: (context: ContextOf<M>) => string | Promise<string>;
  /** How Telegram reads a text of your own; as plain text by default. */
  readonly format?: "HTML" | "MarkdownV2";
  /** A Bot API server of your own instead of Telegram's. */
  readonly server?: string;
}

/** Bot API, sendMessage: so many characters after the markup has been read. */
const TEXT_MAX = 4_096;

/** Sends a message to a Telegram chat, as a bot. */
export function telegram<const M extends Moment = RunMoment>(given: TelegramOptions<M>): Hook {
  const { token, chat, thread, silent, text, format, server, ...options } = given;
  const secret = checked(token, "telegram({ token })");
  const target = typeof chat === "number" ? chat : checked(chat, "telegram({ chat })");
  const base = checkedServer(server ?? "https://api.telegram.org", "telegram({ server })");
  return hook({
    name: "telegram",
    ...options,
    run: async (context) => {
      const bot = botIn(await textOf(secret, context, "the Telegram bot's token"));
      const said =
        text === undefined
          ? { text: describe(context), parse_mode: "HTML" }
          : { text: cut(await text(context), TEXT_MAX), parse_mode: format };
      const body = JSON.stringify({
        chat_id:
          typeof target === "number" ? target : await textOf(target, context, "the Telegram chat"),
        message_thread_id: thread,
        disable_notification: silent,
        link_preview_options: { is_disabled: true },
        ...said,
      });
      const { signal } = context;
      const url = `${base}/bot${bot}/sendMessage`;
      await post({ receiver: "Telegram", url, body, signal, secrets: [bot], secondsToWait });
    },
  });
}

/** The token becomes part of the address: anything else than a token could make it another one. */
function botIn(token: string): string {
  const bot = token.trim();
  if (/^\d+:[\w-]+$/.test(bot)) return bot;
  throw new Error(
    "Cannot use the Telegram bot's token: expected what @BotFather gave, such as 123456:ABC-DEF1234",
  );
}

function describe(context: AnyContext): string {
  const fits = (shorter: Summary) => laidOut(shorter, (text) => text).length <= TEXT_MAX - TAGS;
  return laidOut(fitted(summaryOf(context), fits), escaped);
}

/** Room for the tags below, so that also who counts them finds a message that is short enough. */
const TAGS = 40;

function laidOut(summary: Summary, shown: (text: string) => string): string {
  const { title, message, facts, url } = summary;
  return [
    `<b>${shown(title)}</b>`,
    ...(message === "" ? [] : [`<blockquote>${shown(message)}</blockquote>`]),
    `See ${shown(url)}`,
    facts.map(([label, text]) => `${label}: ${shown(text)}`).join("\n"),
  ].join("\n\n");
}

/** Bot API, "HTML style": these three, wherever they are not part of a tag. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Bot API, ResponseParameters: `retry_after` where the bot has written too often. */
function secondsToWait(answer: unknown): number | undefined {
  const schema = v.object({ parameters: v.object({ retry_after: v.number() }) });
  const refusal = v.safeParse(schema, answer);
  return refusal.success ? refusal.output.parameters.retry_after : undefined;
}
