import { describe, expect, test } from "bun:test";
import { type GithubIssueOptions, githubIssue } from "../../hooks/github-issue.ts";
import { block, HookRejection } from "../../src/sdk/mod.ts";
import { aContext, aDecision, ring } from "./context.ts";
import { failsHonestly, messageOf } from "./failures.ts";
import { aGithub, type GithubServer, REPOSITORY, TOKEN } from "./github-server.ts";

const COMPLETED = {
  type: "COMPLETED",
  name: "Completed",
  message: "",
  at: "2026-11-22T03:00:00.000Z",
} as const;

describe("githubIssue()", () => {
  test("opens an issue for a failed run, with the token from a block", async () => {
    await using github = aGithub();
    const told = aContext({}, { "secret/github": TOKEN });

    const hook = hookOn(github, { token: block("secret/github"), assignees: ["ann"] });
    expect(await ring(hook, told)).toBeUndefined();

    const [issue, ...others] = github.issues;
    expect(others).toEqual([]);
    expect(issue).toMatchObject({
      title: 'Run "brave-otter" of flow "failing-flow" entered Failed',
      state: "open",
      labels: [],
      assignees: ["ann"],
    });
    expect(issue?.body).toStartWith("```text\noops!\n```\n\n| | |\n| --- | --- |\n| Flow |");
    expect(issue?.body).toContain(`[See it in tocsin](${told.context.urls.run})`);
    expect(issue?.body).toContain('<!-- tocsin flow="failing-flow" -->');
    const headers = github.receiver.received[0]?.headers;
    expect(headers?.get("accept")).toBe("application/vnd.github+json");
    expect(headers?.get("x-github-api-version")).toBe("2022-11-28");
    expect(headers?.get("user-agent")).toBe("tocsin");
  });

  test("comments on the open issue at a further failure, and closes it on completion", async () => {
    await using github = aGithub();
    const hook = hookOn(github);

    await ring(hook, aDelivery());
    await ring(hook, aDelivery());
    await ring(hook, aDelivery({ state: COMPLETED }));
    await ring(hook, aDelivery({ state: COMPLETED }));
    await ring(hook, aDelivery());

    expect(github.issues.map(({ state, state_reason }) => [state, state_reason])).toEqual([
      ["closed", "completed"],
      ["open", undefined],
    ]);
    const comments = github.issues[0]?.comments ?? [];
    expect(comments).toHaveLength(2);
    expect(comments[0]).toStartWith('**Run "brave-otter" of flow "failing-flow" entered Failed**');
    expect(comments[1]).toContain("entered Completed");
  });

  test("opens a single issue for failures at the same time", async () => {
    await using github = aGithub();
    const hook = hookOn(github);

    const thrown = await Promise.all(Array.from({ length: 8 }, () => ring(hook, aDelivery())));

    expect(thrown).toEqual(Array(8).fill(undefined));
    expect(github.issues).toHaveLength(1);
    expect(github.issues[0]?.comments).toHaveLength(7);
  });

  test("gives way to an issue that another daemon has opened in the meantime", async () => {
    await using github = aGithub();
    github.react(({ method }) => {
      const isOpening = method === "POST" && github.issues.length === 0;
      if (isOpening) github.add({ body: 'theirs\n<!-- tocsin flow="failing-flow" -->' });
      return undefined;
    });

    expect(await ring(hookOn(github), aDelivery())).toBeUndefined();

    expect(github.issues.map(({ state }) => state)).toEqual(["open", "closed"]);
    expect(github.issues[0]?.comments).toHaveLength(1);
    expect(github.issues[1]?.state_reason).toBe("not_planned");
  });

  test("says the same thing once, also when the answer to an earlier attempt was lost", async () => {
    await using github = aGithub();
    const hook = hookOn(github);
    const [opening, further, closing] = [aDelivery(), aDelivery(), aDelivery({ state: COMPLETED })];
    const attempts = async (told: ReturnType<typeof aDelivery>, lost: readonly string[]) => {
      for (const request of lost) {
        github.loseAnswerTo(request);
        expect(messageOf(await ring(hook, told))).toContain("it answered 500");
      }
      expect(await ring(hook, told)).toBeUndefined();
    };

    await attempts(opening, ["POST "]);
    expect(github.issues.map(({ comments }) => comments.length)).toEqual([0]);
    await attempts(further, ["POST /1/comments"]);
    expect(github.issues.map(({ comments }) => comments.length)).toEqual([1]);
    await attempts(closing, ["POST /1/comments", "PATCH /1"]);
    expect(github.issues.map(({ comments }) => comments.length)).toEqual([2]);
    expect(github.issues[0]?.state).toBe("closed");
  });

  test("finds its issue behind hundreds of others, and leaves pull requests and strangers alone", async () => {
    await using github = aGithub();
    const mine = '<!-- tocsin flow="failing-flow" -->';
    github.add({ title: "mine", body: mine });
    github.add({ title: "pull request", body: mine });
    github.add({ title: "of another flow", body: '<!-- tocsin flow="failing-flow-2" -->' });
    for (let count = 0; count < 250; count += 1) github.add({ title: `other ${count}` });

    await ring(hookOn(github), aDelivery({ state: COMPLETED }));

    const closed = github.issues.filter(({ state }) => state === "closed");
    expect(closed.map(({ title }) => title)).toEqual(["mine"]);
  });

  test("opens none where it cannot look through all that are open, but does with a label", async () => {
    await using github = aGithub();
    for (let count = 0; count < 1_000; count += 1) github.add({ title: `other ${count}` });

    const thrown = await ring(hookOn(github), aDelivery());
    const labelled = hookOn(github, { label: "tocsin & co" });
    for (const told of [aDelivery(), aDelivery()]) await ring(labelled, told);

    expect(messageOf(thrown)).toContain(
      "more than 1000 that it could be; give githubIssue({ label",
    );
    expect(github.issues.slice(1_000).map(({ labels }) => labels)).toEqual([["tocsin & co"]]);
    expect(github.issues[1_000]?.comments).toHaveLength(1);
  });

  test("does not keep an issue open whose label GitHub has dropped", async () => {
    await using github = aGithub({ maySetLabels: false });

    const thrown = await ring(hookOn(github, { label: "tocsin" }), aDelivery());

    expect(messageOf(thrown)).toStartWith(
      'Cannot keep issue #1 open: the token may not set the label "tocsin"',
    );
    expect(github.issues.map(({ state }) => state)).toEqual(["closed"]);
  });

  test("tells of tasks, late runs and missed due times, and has an issue of its own for a task", async () => {
    await using github = aGithub();
    const hook = hookOn(github);
    const { delivery, state } = aContext().context;

    await ring(hook, aDelivery({ task: "extract" }));
    await ring(hook, aDecision());
    const late = { ...state, type: "SCHEDULED", name: "Late" } as const;
    await ring(hook, aDelivery({ state: late, delivery: { ...delivery, moment: "onLate" } }));

    expect(github.issues.map(({ title }) => title)).toEqual([
      'Task "extract" in run "brave-otter" of flow "failing-flow" entered Failed',
      'Flow "failing-flow" was not run at 2026-11-22T02:00:00.000Z: skipped',
    ]);
    expect(github.issues[1]?.comments[0]).toContain("is late");
  });

  test("calls nobody and keeps markup out, and cuts what GitHub would refuse", async () => {
    await using github = aGithub();
    const flow = { name: `x | @everyone <!-- ${"f".repeat(300)}`, description: "", tags: [] };
    const { state, run } = aContext().context;
    const message = `\`\`\`\n@everyone${"x".repeat(100_000)}`;

    await ring(
      hookOn(github),
      aDelivery({ flow, run: { ...run, flow: flow.name }, state: { ...state, message } }),
    );

    const [issue] = github.issues;
    expect(issue?.title.length).toBeLessThanOrEqual(256);
    expect(issue?.body.length).toBeLessThan(65_536);
    expect(issue?.body).toStartWith("````text\n```\n@everyone");
    expect(issue?.body).toContain("x \\| @\u200beveryone \\<\\!-- f");
  });

  test("waits until GitHub's limit is reset", async () => {
    const reset = String(Math.ceil(Date.now() / 1_000) + 120);
    await using github = aGithub();
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset };
    github.react(() =>
      Response.json({ message: "API rate limit exceeded" }, { status: 403, headers }),
    );

    const thrown = await ring(hookOn(github), aDelivery());

    expect(thrown).toBeInstanceOf(HookRejection);
    expect(Object(thrown).retryAfterMs).toBeWithin(60_000, 122_000);
  });

  test("fails on answers that are no list of issues, rather than open one", async () => {
    await using github = aGithub();
    github.react(() => Response.json({ message: "sign in, please" }));

    expect(await ring(hookOn(github), aDelivery())).toBeInstanceOf(Error);
    expect(github.issues).toEqual([]);
  });

  test("shows what it would ask when it is only tried, and each request is answered {}", async () => {
    await using github = aGithub();
    github.react(() => Response.json({}));

    expect(await ring(hookOn(github, { label: "tocsin" }), aDelivery())).toBeUndefined();
    expect(await ring(hookOn(github), aDelivery({ state: COMPLETED }))).toBeUndefined();

    const asked = github.receiver.received.map(({ method }) => method);
    expect(asked).toEqual(["GET", "POST", "GET", "GET"]);
  });

  test("refuses what is no repository, and moments that are neither trouble nor its end", () => {
    expect(() => githubIssue({ repository: "ops", token: TOKEN })).toThrow(
      "Cannot make githubIssue({ repository }): expected owner/name",
    );
    // @ts-expect-error: the types know it too
    expect(() => githubIssue({ repository: REPOSITORY, token: TOKEN, on: "onRunning" })).toThrow(
      'Cannot make githubIssue({ on }): at "onRunning" there is nothing to open or close',
    );
  });
});

failsHonestly({
  receiver: "GitHub",
  hookFor: (api) => githubIssue({ repository: REPOSITORY, token: TOKEN, api }),
  refusal: { status: 401, body: { message: "Bad credentials" }, reason: "Bad credentials" },
  secret: TOKEN,
});

function hookOn({ url }: GithubServer, options: Partial<GithubIssueOptions> = {}) {
  return githubIssue({ repository: REPOSITORY, token: TOKEN, api: url, ...options });
}

function aDelivery(changes: Parameters<typeof aContext>[0] = {}) {
  const { delivery } = aContext().context;
  const { moment } = changes.delivery ?? delivery;
  return aContext({ ...changes, delivery: { ...delivery, moment, id: crypto.randomUUID() } });
}
