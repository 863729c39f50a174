import { type AnyContext, v } from "../../src/sdk/mod.ts";
import { answerTo } from "../receiver/post.ts";

/** As much of an issue as is needed here. */
export interface Issue {
  readonly number: number;
  readonly body: string;
  readonly labels: readonly string[];
}

export interface NewIssue {
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  readonly assignees: readonly string[];
}

/** The issues of a repository: the "REST API endpoints for issues" of GitHub's documentation, version 2022-11-28. */
export interface Issues {
  /** All open issues, newest first; with a label, only those that carry it. */
  open(label: string | undefined): Promise<readonly Issue[]>;
  create(issue: NewIssue): Promise<Issue>;
  comment(number: number, body: string): Promise<void>;
  /** The texts of the comments that were written or changed since then. */
  comments(number: number, since: string): Promise<readonly string[]>;
  close(number: number, reason: "completed" | "not_planned"): Promise<void>;
}

export interface Repository {
  /** `https://api.github.com`, or that of a server of your own; no slash at its end. */
  readonly api: string;
  /** `owner/name`. */
  readonly name: string;
  readonly token: string;
}

const PER_PAGE = 100;
const PAGES_MAX = 10;

export function issuesOf({ api, name, token }: Repository, { signal }: AnyContext): Issues {
  const at = `${api}/repos/${name}/issues`;
  const ask = async (method: "GET" | "POST" | "PATCH", path: string, body?: object) => {
    const answer = await answerTo({
      receiver: "GitHub",
      url: at + path,
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: "application/vnd.github+json",
        "x-github-api-version": "2022-11-28",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
      secrets: [token],
      secondsToWait: (_, headers) => secondsToReset(headers),
    });
    return await answer.json();
  };
  const pages = (path: string) => allPages((page) => ask("GET", `${path}&page=${page}`), name);
  return {
    async open(label) {
      const labelled = label === undefined ? "" : `&labels=${encodeURIComponent(label)}`;
      const path = `?state=open&sort=created&direction=desc&per_page=${PER_PAGE}${labelled}`;
      return (await pages(path)).map(issueOf).filter((issue) => issue !== undefined);
    },
    async create(issue) {
      const answer = await ask("POST", "", issue);
      return isTried(answer) ? { ...issue, number: 0 } : v.parse(GivenIssue, answer);
    },
    comment: async (number, body) => void (await ask("POST", `/${number}/comments`, { body })),
    async comments(number, since) {
      const path = `/${number}/comments?per_page=${PER_PAGE}&since=${encodeURIComponent(since)}`;
      return v.parse(v.array(Comment), await pages(path)).map(({ body }) => body ?? "");
    },
    close: async (number, reason) =>
      void (await ask("PATCH", `/${number}`, { state: "closed", state_reason: reason })),
  };
}

const GivenIssue = v.pipe(
  v.object({
    number: v.number(),
    body: v.nullish(v.string(), ""),
    labels: v.array(v.union([v.string(), v.object({ name: v.nullish(v.string(), "") })])),
  }),
  v.transform(({ number, body, labels }) => ({
    number,
    body,
    labels: labels.map((label) => (typeof label === "string" ? label : label.name)),
  })),
);
/** GitHub's lists of issues hold the pull requests as well. */
const PullRequest = v.object({ pull_request: v.object({}) });
const Comment = v.object({ body: v.nullish(v.string()) });

function issueOf(given: unknown): Issue | undefined {
  return v.is(PullRequest, given) ? undefined : v.parse(GivenIssue, given);
}

/** `{}` is what a hook that is only tried is answered; GitHub itself answers that to nothing that is asked here. */
function isTried(answer: unknown): boolean {
  return v.is(v.strictObject({}), answer);
}

/** Not the search: it shows a new issue only after a while. */
async function allPages(
  ask: (page: number) => Promise<unknown>,
  repository: string,
): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const answer = await ask(page);
    const items = isTried(answer) ? [] : v.parse(v.array(v.unknown()), answer);
    all.push(...items);
    if (items.length < PER_PAGE) return all;
  }
  throw new Error(
    `Cannot look for the issue in "${repository}": there are more than ${PER_PAGE * PAGES_MAX} that it could be; give githubIssue({ label }), by which it is found`,
  );
}

/** GitHub's page "Rate limits for the REST API": not before `x-ratelimit-reset` where nothing remains. */
function secondsToReset(headers: Headers): number | undefined {
  const reset = Number(headers.get("x-ratelimit-reset") ?? Number.NaN);
  return headers.get("x-ratelimit-remaining") === "0" && Number.isFinite(reset)
    ? reset - Date.now() / 1_000
    : undefined;
}
