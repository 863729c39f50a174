import { type AnyContext, type Hook, type HookSettings, hook } from "../src/sdk/mod.ts";
import { inTurn } from "./github/in-turn.ts";
import { type Issue, type Issues, issuesOf } from "./github/issues.ts";
import { cut } from "./receiver/cut.ts";
import { isOutdated, type NewsMoment, NO_NEWS, newsOf } from "./receiver/news-of.ts";
import { refuseMoments } from "./receiver/refuse-moments.ts";
import { checkedServer } from "./receiver/server.ts";
import { eventOf, summaryOf } from "./receiver/summary.ts";
import { checked, type TextOrBlock, textOf } from "./receiver/text-of.ts";

export interface GithubIssueOptions extends HookSettings<NewsMoment> {
  /** `owner/name`. */
  readonly repository: string;
  /** A token that may read and write the repository's issues, better as a block: `block("secret/github")`. */
  readonly token: TextOrBlock;
  /** Issues are opened with it and looked for among those that carry it. The token must be allowed to set it. */
  readonly label?: string;
  /** Who is assigned to a new issue. */
  readonly assignees?: readonly string[];
  /** What belongs to one issue: the flow by default, and the task where a task run is told of. */
  readonly key?: (context: AnyContext) => string;
  /** A server of your own: `https://github.example.org/api/v3`. */
  readonly api?: string;
}

const GITHUB = "https://api.github.com";
/** GitHub refuses longer titles and bodies with 422. */
const TITLE_MAX = 256;
const MESSAGE_MAX = 30_000;
/** Clocks differ: comments are looked for from so long before the transition on. */
const CLOCKS_MS = 3_600_000;

/** Opens an issue when something is wrong with a flow, comments on it when it is again, and closes it when it is right. */
export function githubIssue(options: GithubIssueOptions): Hook {
  const {
    repository,
    token,
    label,
    assignees = [],
    key = keyOf,
    api = GITHUB,
    ...settings
  } = options;
  const server = checkedServer(api, "githubIssue({ api })");
  const secret = checked(token, "githubIssue({ token })");
  refuseMoments(settings, NO_NEWS, {
    option: "githubIssue({ on })",
    why: "there is nothing to open or close",
  });
  if (typeof repository !== "string" || !/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    throw new TypeError("Cannot make githubIssue({ repository }): expected owner/name");
  }
  return hook({
    name: "github-issue",
    ...settings,
    run: async (context: AnyContext) => {
      const news = await newsFor(context);
      if (news === undefined) return;
      const text = await textOf(secret, context, "the token of GitHub");
      const place = { api: server, name: repository, token: text };
      const desk = { issues: issuesOf(place, context), context, label, assignees };
      const story = markOf("flow", key(context));
      // One after the other: otherwise two failures at once would both find no issue and open one each.
      await inTurn(`${place.api} ${repository} ${story}`, () =>
        news === "trouble" ? report(desk, story) : resolve(desk, story),
      );
    },
  });
}

async function newsFor(context: AnyContext) {
  const news = newsOf(context);
  if (news === undefined) context.log.info(`GitHub is not told of "${eventOf(context)}"`);
  if (news === undefined || !(await isOutdated(context, news))) return news;
  context.log.warn("GitHub is not told: a later run of the flow has ended the other way");
  return undefined;
}

interface Desk {
  readonly issues: Issues;
  readonly context: AnyContext;
  readonly label: string | undefined;
  readonly assignees: readonly string[];
}

async function report(desk: Desk, story: string): Promise<void> {
  const { issues, context } = desk;
  const delivery = deliveryMark(context);
  const [oldest] = await openOnes(desk, story);
  if (oldest !== undefined) {
    if (!oldest.body.includes(delivery)) await commentOnce(desk, oldest.number);
    return context.log.info(`issue #${oldest.number} is open`);
  }
  const opened = await issues.create({
    title: cut(titleOf(context), TITLE_MAX),
    body: `${bodyOf(context)}\n\n${story}\n${delivery}`,
    labels: desk.label === undefined ? [] : [desk.label],
    assignees: desk.assignees,
  });
  context.log.info(`issue #${opened.number} is opened`);
  await keepIfFound(desk, opened);
  const [first = opened] = await openOnes(desk, story);
  if (first.number === opened.number) return;
  // Another thread or daemon was faster.
  await commentOnce(desk, first.number);
  await issues.close(opened.number, "not_planned");
  context.log.info(`issue #${opened.number} is closed again in favour of #${first.number}`);
}

/** GitHub drops labels without a word where the token may not set them: the issue would not be found again. */
async function keepIfFound({ issues, label }: Desk, { number, labels }: Issue): Promise<void> {
  if (label === undefined || labels.includes(label)) return;
  await issues.close(number, "not_planned");
  throw new Error(
    `Cannot keep issue #${number} open: the token may not set the label "${label}", by which it is found again; use one that may push to the repository, or leave the label out`,
  );
}

async function resolve(desk: Desk, story: string): Promise<void> {
  const { issues, context } = desk;
  for (const { number } of await openOnes(desk, story)) {
    await commentOnce(desk, number);
    await issues.close(number, "completed");
    context.log.info(`issue #${number} is closed`);
  }
}

/** The open issues of a story, the oldest first. There is more than one only where daemons have raced. */
async function openOnes({ issues, label }: Desk, story: string): Promise<readonly Issue[]> {
  const open = await issues.open(label);
  return open.filter(({ body }) => body.includes(story)).toSorted((a, b) => a.number - b.number);
}

/** An earlier attempt may have commented without learning of it. */
async function commentOnce({ issues, context }: Desk, number: number): Promise<void> {
  const delivery = deliveryMark(context);
  if (context.delivery.attempt > 1) {
    const at = context.decision === undefined ? context.state.at : context.decision.decidedAt;
    const since = new Date(Date.parse(at) - CLOCKS_MS).toISOString();
    const comments = await issues.comments(number, since);
    if (comments.some((body) => body.includes(delivery))) return;
  }
  await issues.comment(
    number,
    `**${plain(titleOf(context))}**\n\n${bodyOf(context)}\n\n${delivery}`,
  );
}

function keyOf({ flow, task }: AnyContext): string {
  return task === undefined ? flow.name : `${flow.name}/${task}`;
}

function deliveryMark({ delivery }: AnyContext): string {
  return markOf("delivery", delivery.id);
}

/** A comment of HTML, which GitHub does not show. */
function markOf(what: string, value: string): string {
  return `<!-- tocsin ${what}="${encodeURIComponent(value)}" -->`;
}

function titleOf(context: AnyContext): string {
  return summaryOf(context).title;
}

function bodyOf(context: AnyContext): string {
  const { message, facts, url } = summaryOf(context);
  const rows = facts.map(([name, text]) => `| ${name} | ${plain(text)} |`);
  return [
    ...(message === "" ? [] : [fenced(cut(message, MESSAGE_MAX))]),
    `| | |\n| --- | --- |\n${rows.join("\n")}`,
    `[See it in tocsin](${encodeURI(url)})`,
  ].join("\n\n");
}

/** As code, so that nobody is called by an @ and nothing is read as markup. */
function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

/** Takes their meaning from the signs of Markdown, from @ and from #. */
function plain(text: string): string {
  return text
    .replace(/[\\`*_{}[\]<>()|~!]/g, "\\$&")
    .replace(/[@#]/g, "$&\u200b")
    .replace(/\s+/g, " ");
}
