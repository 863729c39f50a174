import { describe, expect, test } from "bun:test";
import { slack } from "../../hooks/slack.ts";
import { block, HookRejection } from "../../src/sdk/mod.ts";
import { aContext, aDecision, ring } from "./context.ts";
import { messageOf } from "./failures.ts";
import { aReceiver } from "./receiver.ts";

const PATH = "/services/T000/B000/secret-part";

describe("slack()", () => {
  test("tells name, state, message, link, tags and scheduled start to the webhook in a block", async () => {
    await using slackServer = aReceiver();
    const told = aContext({}, { "slack-webhook/on-call": slackServer.url + PATH });

    const thrown = await ring(slack({ webhook: block("slack-webhook/on-call") }), told);

    expect(thrown).toBeUndefined();
    expect(slackServer.received).toHaveLength(1);
    expect(slackServer.received[0]).toMatchObject({ method: "POST", path: PATH });
    expect(slackServer.received[0]?.headers.get("content-type")).toBe("application/json");
    expect(textIn(slackServer.received[0]?.body)).toBe(
      [
        '*Run "brave-otter" of flow "failing-flow" entered Failed*',
        "> oops!",
        "See <http://127.0.0.1:8627/runs/0199a1b2-0000-7000-8000-000000000001|it in tocsin>",
        [
          "Flow: failing-flow",
          "Run: brave-otter",
          "State: Failed",
          "Tags: prod, nightly",
          "Scheduled start: 2026-11-22T02:00:00.000Z",
        ].join("\n"),
      ].join("\n\n"),
    );
  });

  test("escapes what Slack would read as its own, and quotes every line of the message", async () => {
    await using slackServer = aReceiver();
    const { context } = aContext();
    const state = { ...context.state, message: "<!channel> a & b\nsecond line" };

    await ring(slack({ webhook: slackServer.url }), aContext({ state }));

    expect(textIn(slackServer.received[0]?.body)).toContain(
      "> &lt;!channel&gt; a &amp; b\n> second line",
    );
  });

  test("names the task of a task run, and says of a run without due time that it was made by hand", async () => {
    await using slackServer = aReceiver();
    const { scheduledFor: _, ...run } = aContext().context.run;

    await ring(
      slack({ webhook: slackServer.url }),
      aContext({ run: { ...run, tags: [] }, task: "extract" }),
    );

    const text = textIn(slackServer.received[0]?.body);
    expect(text).toContain('Task "extract" in run "brave-otter" of flow "failing-flow" entered');
    expect(text).toContain("Tags: none");
    expect(text).toContain("Scheduled start: 2026-11-22T01:59:00.000Z (by hand)");
  });

  test("tells of a due time without a run", async () => {
    await using slackServer = aReceiver();

    expect(await ring(slack({ webhook: slackServer.url }), aDecision())).toBeUndefined();

    expect(textIn(slackServer.received[0]?.body)).toBe(
      [
        '*Flow "failing-flow" was not run at 2026-11-22T02:00:00.000Z: skipped*',
        "> run brave-otter had not ended",
        "See <http://127.0.0.1:8627/flows/failing-flow|it in tocsin>",
        "Flow: failing-flow\nSchedule: nightly\nDue: 2026-11-22T02:00:00.000Z\nTags: prod",
      ].join("\n\n"),
    );
  });

  test("sends a text of one's own, and cuts a long message", async () => {
    await using slackServer = aReceiver();
    const webhook = slackServer.url;
    const state = { ...aContext().context.state, message: "x".repeat(10_000) };

    await ring(slack({ webhook, text: ({ run }) => `own ${run?.name}` }), aContext());
    await ring(slack({ webhook }), aContext({ state }));

    expect(textIn(slackServer.received[0]?.body)).toBe("own brave-otter");
    const cut = textIn(slackServer.received[1]?.body);
    expect(cut.length).toBeWithin(3_900, 4_001);
    expect(cut).toContain("x…\n\nSee <http://127.0.0.1:8627/runs/");
  });

  for (const status of [302, 400, 403, 404, 410, 500]) {
    test(`fails on ${status} with the start of the body and without the address`, async () => {
      await using slackServer = aReceiver(
        ({ url }) =>
          new Response(`no_service at ${url} ${"x".repeat(10_000)}`, {
            status,
            headers: { location: "http://127.0.0.1:9/elsewhere" },
          }),
      );

      const thrown = await ring(slack({ webhook: slackServer.url + PATH }), aContext());

      const message = messageOf(thrown);
      expect(message).toStartWith(`Cannot post to Slack: it answered ${status}: no_service at`);
      expect(message).not.toContain("secret-part");
      expect(message.length).toBeLessThan(500);
      expect(slackServer.received).toHaveLength(1);
    });
  }

  test("passes on how long to wait, in seconds or until a date, at most a day", async () => {
    const in60s = new Date(Date.now() + 60_000).toUTCString();

    expect(await retryAfterOf(429, "7")).toBe(7_000);
    expect(await retryAfterOf(503, in60s)).toBeWithin(1, 60_001);
    expect(await retryAfterOf(503, "Sun, 06 Nov 1994 08:49:37 GMT")).toBe(0);
    expect(await retryAfterOf(429, "99999999")).toBe(86_400_000);
    expect(await retryAfterOf(429, "soon")).toBeUndefined();
    expect(await retryAfterOf(500, "7")).toBeUndefined();
  });

  test("fails without the address when nobody listens, and when it is no address", async () => {
    const gone = aReceiver();
    await gone[Symbol.asyncDispose]();

    const unheard = messageOf(await ring(slack({ webhook: gone.url + PATH }), aContext()));
    const nonsense = messageOf(await ring(slack({ webhook: "secret-part" }), aContext()));

    expect(unheard).toStartWith('Cannot reach Slack at "127.0.0.1:');
    expect(unheard).not.toContain("secret-part");
    expect(nonsense).toBe("Cannot post to Slack: the address is not an http or https URL");
  });

  test("gives up when its signal aborts", async () => {
    const over = new AbortController();
    await using slackServer = aReceiver(() => {
      over.abort();
      return new Promise(() => {});
    });

    const thrown = await ring(
      slack({ webhook: slackServer.url }),
      aContext({ signal: over.signal }),
    );

    expect(messageOf(thrown)).toBe("Cannot post to Slack: it took too long");
  });

  test("says which block is missing", async () => {
    const thrown = await ring(slack({ webhook: block("slack-webhook/none") }), aContext());

    expect(messageOf(thrown)).toBe('Cannot load block "slack-webhook/none": there is none');
  });

  test("refuses to be made without an address", () => {
    // @ts-expect-error: what a config that nobody type-checked may hold
    expect(() => slack({ webhook: process.env["NOT_SET_ANYWHERE"] })).toThrow(
      'Cannot make slack({ webhook }): it is undefined, expected a text or block("type/name")',
    );
  });
});

async function retryAfterOf(status: number, value: string): Promise<number | undefined> {
  await using receiver = aReceiver(
    () => new Response("busy", { status, headers: { "retry-after": value } }),
  );
  const thrown = await ring(slack({ webhook: receiver.url }), aContext());
  return thrown instanceof HookRejection ? thrown.retryAfterMs : Number.NaN;
}

function textIn(body: string | undefined): string {
  return JSON.parse(body ?? "{}").text;
}
