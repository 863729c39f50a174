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
import { fitted, type Summary, summaryOf, type Tone } from "./receiver/summary.ts";
import { checked, type TextOrBlock, textOf } from "./receiver/text-of.ts";

export interface TeamsOptions<M extends Moment = RunMoment> extends HookSettings<M> {
  /** The address of a workflow that posts what it receives, better as a block: `block("secret/teams")`. */
  readonly webhook: TextOrBlock;
  /** The text to send, in the Markdown of cards; by default what happened, why, and where to look. */
  readonly text?: (context: ContextOf<M>) => string | Promise<string>;
}

/** Teams refuses messages beyond about 28 KB, what its workflow adds included. */
const BODY_MAX = 24_000;

/** The colours that Adaptive Cards have for texts. */
const COLOURS: Readonly<Record<Tone, string>> = {
  good: "good",
  bad: "attention",
  warning: "warning",
  neutral: "default",
};

/** Sends an Adaptive Card to a channel or chat of Microsoft Teams, through a workflow. */
export function teams<const M extends Moment = RunMoment>({
  webhook,
  text,
  ...options
}: TeamsOptions<M>): Hook {
  const address = checked(webhook, "teams({ webhook })");
  if (typeof address === "string") refuseConnector(address);
  return hook({
    name: "teams",
    ...options,
    run: async (context) => {
      const url = await textOf(address, context, "the Teams webhook");
      refuseConnector(url);
      const body = text === undefined ? describe(context) : ownText(await text(context));
      await post({ receiver: "Teams", url, body, signal: context.signal });
    },
  });
}

/** Connectors took their messages in another form, and Microsoft has retired them. */
function refuseConnector(address: string): void {
  const { hostname = "" } = URL.parse(address) ?? {};
  if (!/(^|\.)(webhook\.office\.com|outlook\.office(365)?\.com)$/.test(hostname)) return;
  throw new TypeError(
    'Cannot use the Teams webhook: its address is a connector\'s, which Microsoft has retired; make a workflow that starts "When a Teams webhook request is received", and use its address',
  );
}

function describe(context: AnyContext): string {
  return laidOut(fitted(summaryOf(context), (shorter) => bytesOf(laidOut(shorter)) <= BODY_MAX));
}

function laidOut({ title, message, facts, url, tone }: Summary): string {
  return cardOf(
    [
      richText({ text: title, weight: "Bolder", size: "Medium", color: COLOURS[tone] }),
      ...(message === "" ? [] : [richText({ text: message, fontType: "Monospace" })]),
      ...facts.map(([label, text]) =>
        richText({ text: `${label}: `, weight: "Bolder" }, { text, isSubtle: true }),
      ),
    ],
    [{ type: "Action.OpenUrl", title: "See it in tocsin", url }],
  );
}

function ownText(text: string): string {
  const block = (shorter: string) => cardOf([{ type: "TextBlock", text: shorter, wrap: true }], []);
  return block(cutTo(text, (shorter) => bytesOf(block(shorter)) <= BODY_MAX));
}

/** A RichTextBlock reads no Markdown, unlike a TextBlock or a FactSet: what is in it stands as it is. */
function richText(...runs: readonly ({ readonly text: string } & Record<string, unknown>)[]) {
  return {
    type: "RichTextBlock",
    inlines: runs.map((run) => ({ type: "TextRun", ...run })),
  };
}

/** What the workflow's trigger takes; without `msteams.entities` in a card, it mentions nobody. */
function cardOf(body: readonly object[], actions: readonly object[]): string {
  const content = {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    msteams: { width: "Full" },
    body,
    actions,
  };
  const contentType = "application/vnd.microsoft.card.adaptive";
  return JSON.stringify({
    type: "message",
    attachments: [{ contentType, contentUrl: null, content }],
  });
}
