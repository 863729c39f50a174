import { describe, expect, test } from "bun:test";
import { ntfy } from "../../hooks/ntfy.ts";
import { block } from "../../src/sdk/mod.ts";
import { aContext, aDecision, ring } from "./context.ts";
import { failsHonestly, messageOf } from "./failures.ts";
import { aReceiver, type Received } from "./receiver.ts";

const TOKEN = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2";

describe("ntfy()", () => {
  test("publishes as JSON to the server's root, with topic and token from blocks", async () => {
    await using server = aReceiver(() => Response.json({ id: "hwQ2YpKdmg" }));
    const told = aContext({}, { "secret/ntfy-topic": "ops-8Fq2", "secret/ntfy": `${TOKEN}\n` });
    const hook = ntfy({
      topic: block("secret/ntfy-topic"),
      token: block("secret/ntfy"),
      server: `${server.url}/`,
    });

    expect(await ring(hook, told)).toBeUndefined();

    const [received] = server.received;
    expect(received).toMatchObject({ method: "POST", path: "/", query: "" });
    expect(received?.headers.get("authorization")).toBe(`Bearer ${TOKEN}`);
    expect(bodyOf(received)).toEqual({
      topic: "ops-8Fq2",
      title: 'Run "brave-otter" of flow "failing-flow" entered Failed',
      message: [
        "oops!",
        "",
        "Flow: failing-flow",
        "Run: brave-otter",
        "State: Failed",
        "Tags: prod, nightly",
        "Scheduled start: 2026-11-22T02:00:00.000Z",
      ].join("\n"),
      priority: 4,
      tags: ["rotating_light", "Failed"],
      click: "http://127.0.0.1:8627/runs/0199a1b2-0000-7000-8000-000000000001",
    });
  });

  test("needs no token for a topic that anybody may write to", async () => {
    await using server = aReceiver();

    await ring(hookFor(server.url), aContext());

    expect(server.received[0]?.headers.has("authorization")).toBe(false);
  });

  test("has a priority and an emoji per tone, and takes other priorities", async () => {
    await using server = aReceiver();
    const { context } = aContext();
    const state = { ...context.state, type: "COMPLETED", name: "Completed" } as const;
    const late = { ...context.delivery, moment: "onLate" } as const;
    const options = { topic: "ops", server: server.url };

    await ring(ntfy(options), aContext({ state }));
    await ring(ntfy(options), aContext({ delivery: late }));
    await ring(ntfy({ ...options, priority: 1 }), aContext());
    await ring(ntfy({ ...options, priority: { bad: 5 } }), aContext());
    await ring(ntfy({ ...options, priority: { bad: 5 } }), aDecision());

    expect(server.received.map(bodyOf).map(({ priority, tags }) => [priority, ...tags])).toEqual([
      [3, "white_check_mark", "Completed"],
      [3, "warning", "Failed"],
      [1, "rotating_light", "Failed"],
      [5, "rotating_light", "Failed"],
      [3, "warning", "Skipped"],
    ]);
  });

  test("keeps a message to 4,096 bytes and the whole to 8,192, or it would become a file, or be refused", async () => {
    await using server = aReceiver();
    const { state } = aContext().context;

    for (const part of ["😀ä", '"\n', "\u0001"]) {
      const message = part.repeat(10_000);
      await ring(hookFor(server.url), aContext({ state: { ...state, message } }));
      await ring(ntfy({ topic: "ops", server: server.url, text: () => message }), aContext());
    }

    expect(server.received).toHaveLength(6);
    for (const received of server.received) {
      expect(Buffer.byteLength(bodyOf(received).message)).toBeWithin(900, 4_097);
      expect(Buffer.byteLength(received.body)).toBeLessThanOrEqual(8_192);
      expect(received.body).not.toContain("\ufffd");
    }
    expect(bodyOf(server.received[0]).message).toContain("…\n\nFlow: failing-flow\n");
  });

  test("sends a text of one's own below the title", async () => {
    await using server = aReceiver();

    await ring(
      ntfy({ topic: "ops", server: server.url, text: ({ flow }) => flow.name }),
      aContext(),
    );

    expect(bodyOf(server.received[0])).toMatchObject({
      title: 'Run "brave-otter" of flow "failing-flow" entered Failed',
      message: "failing-flow",
    });
  });

  test("tells of a task, and of a due time without a run", async () => {
    await using server = aReceiver();

    await ring(hookFor(server.url), aContext({ task: "extract" }));
    expect(await ring(hookFor(server.url), aDecision())).toBeUndefined();

    const [ofTask, ofDecision] = server.received.map(bodyOf);
    expect(ofTask.message).toContain("\nTask: extract\n");
    expect(ofDecision).toMatchObject({
      title: 'Flow "failing-flow" was not run at 2026-11-22T02:00:00.000Z: skipped',
      message:
        "run brave-otter had not ended\n\nFlow: failing-flow\nSchedule: nightly\nDue: 2026-11-22T02:00:00.000Z\nTags: prod",
      click: "http://127.0.0.1:8627/flows/failing-flow",
    });
  });

  failsHonestly({
    receiver: "ntfy",
    hookFor: (server) => ntfy({ topic: "ops-8Fq2", server, token: TOKEN }),
    refusal: {
      status: 403,
      body: {
        code: 40_301,
        http: 403,
        error: "forbidden",
        link: "https://ntfy.sh/docs/publish/#authentication",
      },
      reason: '"error":"forbidden"',
    },
    secret: TOKEN,
  });

  test("refuses wrong options while the config is read", () => {
    expect(() => ntfy({ topic: "" })).toThrow("Cannot make ntfy({ topic }): it is empty");
    // @ts-expect-error: what a config that nobody type-checked may hold
    expect(() => ntfy({ topic: "ops", token: 7 })).toThrow(
      'Cannot make ntfy({ token }): it is number, expected a text or block("type/name")',
    );
    expect(() => ntfy({ topic: "ops", server: "https://me:pass@ntfy.example.org" })).toThrow(
      'Cannot make ntfy({ server }): it is "https://…@ntfy.example.org", expected the server\'s',
    );
    for (const priority of [0, 6, 2.5, { bad: 9 }]) {
      expect(() => ntfy({ topic: "ops", priority })).toThrow(
        `Cannot make ntfy({ priority }): it is ${JSON.stringify(priority)}, expected a whole number from 1 to 5, or one per tone, such as { bad: 5 }`,
      );
    }
  });

  test("refuses a topic that ntfy could not have", async () => {
    const thrown = await ring(ntfy({ topic: "a/b" }), aContext());

    expect(messageOf(thrown)).toBe(
      "Cannot use the topic of ntfy: expected at most 64 letters, digits, underscores and dashes",
    );
  });
});

function hookFor(server: string) {
  return ntfy({ topic: "ops", server });
}

function bodyOf(received: Received | undefined) {
  return JSON.parse(received?.body ?? "{}");
}
