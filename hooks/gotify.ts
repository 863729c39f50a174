import {
  type AnyContext,
  type ContextOf,
  type Hook,
  type HookSettings,
  hook,
  type Moment,
  type RunMoment,
} from "../src/sdk/mod.ts";
import { cut } from "./receiver/cut.ts";
import { post } from "./receiver/post.ts";
import { checkedServer } from "./receiver/server.ts";
import { fitted, plainText, type Summary, summaryOf, type Tone } from "./receiver/summary.ts";
import { checked, type TextOrBlock, textOf } from "./receiver/text-of.ts";
import { checkedPriority, forTone, type Priority } from "./receiver/tone.ts";

export interface GotifyOptions<M extends Moment = RunMoment> extends HookSettings<M> {
  /** The address of the server, such as "https://gotify.example.org". */
  readonly server: string;
  /** The token of an application, better as a block: `block("secret/gotify")`. */
  readonly token: TextOrBlock;
  /** From 0 to 10, or one per tone; by default 8 for what is bad, 5 for warnings, 4 for what is good, else 2. */
  readonly priority?: Priority;
  /** The text to send below the title; by default why it happened, and the facts. */
  readonly text?: (context: ContextOf<M>) => string | Promise<string>;
}

/** On phones 0 shows nothing, 1 to 3 an icon, 4 to 7 sound as well, and 8 to 10 vibrate, too. */
const PRIORITIES: Readonly<Record<Tone, number>> = { bad: 8, warning: 5, good: 4, neutral: 2 };

/** Gotify names no limit; who reads a phone does not need more. */
const TEXT_MAX = 8_000;

/** Sends a message to a Gotify server, as one of its applications. */
export function gotify<const M extends Moment = RunMoment>({
  server,
  token,
  priority,
  text,
  ...options
}: GotifyOptions<M>): Hook {
  const base = checkedServer(server, "gotify({ server })");
  const secret = checked(token, "gotify({ token })");
  const priorities = checkedPriority(priority, "gotify({ priority })", [0, 10]);
  return hook({
    name: "gotify",
    ...options,
    run: async (context) => {
      const key = (await textOf(secret, context, "the token of Gotify")).trim();
      const { title, url: click, tone } = summaryOf(context);
      await post({
        receiver: "Gotify",
        url: `${base}/message`,
        headers: { "x-gotify-key": key },
        body: JSON.stringify({
          title,
          message: text === undefined ? describe(context) : cut(await text(context), TEXT_MAX),
          priority: forTone(priorities, PRIORITIES, tone),
          extras: extrasOf(click),
        }),
        signal: context.signal,
        secrets: [key],
      });
    },
  });
}

/** Gotify's docs, "Message Extras": text without Markdown, and what a tap on the notification opens. */
function extrasOf(click: string) {
  return {
    "client::display": { contentType: "text/plain" },
    "client::notification": { click: { url: click } },
  };
}

function describe(context: AnyContext): string {
  const fits = (shorter: Summary) => plainText(shorter).length <= TEXT_MAX;
  return plainText(fitted(summaryOf(context), fits));
}
