import { aReceiver, type Receiver } from "./receiver.ts";

export interface KeptIssue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly assignees: readonly string[];
  readonly labels: readonly string[];
  readonly state: "open" | "closed";
  readonly state_reason?: string;
  readonly comments: string[];
}

export interface GithubServer extends AsyncDisposable {
  readonly url: string;
  readonly receiver: Receiver;
  readonly issues: readonly KeptIssue[];
  /** Asked before each request; may answer in GitHub's place. */
  react(reaction: (request: Request) => Response | undefined): void;
  /** Does what the next request of this kind asks, such as `POST /1/comments`, but answers 500. */
  loseAnswerTo(request: string): void;
  /** Opens an issue by somebody else. */
  add(issue: Partial<KeptIssue>): void;
}

export const REPOSITORY = "acme/ops";
export const TOKEN = "github_pat_0123456789abcdef";
const ISSUES = `/repos/${REPOSITORY}/issues`;

/** As much of GitHub's API for issues as the hook uses: lists by page with pull requests, labels by right. */
export function aGithub({ maySetLabels = true } = {}): GithubServer {
  const issues: KeptIssue[] = [];
  let reaction: (request: Request) => Response | undefined = () => undefined;
  let lost = "";
  const perform = (request: Request, body: object): Response => {
    const { pathname, searchParams } = new URL(request.url);
    const path = pathname.slice(ISSUES.length);
    const asked = `${request.method} ${path}`;
    const answer = answerTo({ issues, maySetLabels }, { asked, body, query: searchParams });
    if (asked !== lost) return answer;
    lost = "";
    return Response.json({ message: "Server Error" }, { status: 500 });
  };
  const receiver = aReceiver((request) => {
    const reacted = reaction(request);
    if (reacted !== undefined) return reacted;
    const isKnown = request.headers.get("authorization") === `Bearer ${TOKEN}`;
    if (!isKnown) return Response.json({ message: "Bad credentials" }, { status: 401 });
    return perform(request, JSON.parse(receiver.received.at(-1)?.body || "{}"));
  });
  return {
    url: receiver.url,
    receiver,
    issues,
    react(next) {
      reaction = next;
    },
    loseAnswerTo(request) {
      lost = request;
    },
    add: (issue) => void open(issues, issue),
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  };
}

interface Asked {
  readonly asked: string;
  readonly body: { readonly body?: string } & Partial<KeptIssue>;
  readonly query: URLSearchParams;
}

function answerTo(
  { issues, maySetLabels }: { readonly issues: KeptIssue[]; readonly maySetLabels: boolean },
  { asked, body, query }: Asked,
): Response {
  const at = Number(/\d+/.exec(asked)?.[0]) - 1;
  const issue = issues[at];
  switch (asked.replace(/\d+/, "n")) {
    case "GET ":
      return Response.json(listed(issues, query));
    case "POST ": {
      const labels = maySetLabels ? { labels: body.labels ?? [] } : { labels: [] };
      return Response.json(shown(open(issues, { ...body, ...labels })), { status: 201 });
    }
    case "GET /n/comments":
      return Response.json(issue?.comments.map((text) => ({ body: text })));
    case "POST /n/comments":
      issue?.comments.push(body.body ?? "");
      return Response.json({ id: 1 }, { status: 201 });
    case "PATCH /n":
      if (issue !== undefined) issues[at] = { ...issue, ...body };
      return Response.json({ number: at + 1 });
    default:
      return Response.json({ message: "Not Found" }, { status: 404 });
  }
}

function open(issues: KeptIssue[], issue: Partial<KeptIssue>): KeptIssue {
  const empty = { title: "", body: "", labels: [], assignees: [], state: "open" } as const;
  const opened: KeptIssue = { ...empty, ...issue, number: issues.length + 1, comments: [] };
  issues.push(opened);
  return opened;
}

function listed(issues: readonly KeptIssue[], query: URLSearchParams) {
  const [label, page] = [query.get("labels"), Number(query.get("page"))];
  const perPage = Number(query.get("per_page"));
  return issues
    .filter(({ state, labels }) => state === "open" && (label === null || labels.includes(label)))
    .toReversed()
    .slice((page - 1) * perPage, page * perPage)
    .map(shown);
}

function shown({ labels, comments, ...issue }: KeptIssue) {
  const isPull = issue.title.startsWith("pull request");
  return {
    ...issue,
    comments: comments.length,
    labels: labels.map((name) => ({ name })),
    ...(isPull ? { pull_request: { url: "…" } } : {}),
  };
}
