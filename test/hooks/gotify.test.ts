import { describe, expect, test } from "bun:test";
import { gotify } from "../../hooks/gotify.ts";
import { block } from "../../src/sdk/mod.ts";
import { aContext, aDecision, ring } from "./context.ts";
import { failsHonestly } from "./failures.ts";
import { aReceiver, type Received } from "./receiver.ts";

const TOKEN = "AaBbCcDdEeFfGgH";

describe("gotify()", () => {
  test("creates a message as the application whose token is in the block", async () => {
    await using server = aReceiver(() => Response.json({ id: 25 }));
    const told = aContext({}, { "secret/gotify": TOKEN });
    const hook = gotify({ server: `${server.url}/push/`, token: block("secret/gotify") });

    expect(await ring(hook, told)).toBeUndefined();

    const [received] = server.received;
    expect(received).toMatchObject({ method: "POST", path: "/push/message", query: "" });
    expect(received?.headers.get("x-gotify-key")).toBe(TOKEN);
    expect(received?.headers.get("content-type")).toBe("application/json");
    expect(bodyOf(received)).toEqual({
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
      priority: 8,
      extras: {
        "client::display": { contentType: "text/plain" },
        "client::notification": {
          click: { url: "http://127.0.0.1:8627/runs/0199a1b2-0000-7000-8000-000000000001" },
        },
      },
    });
  });

  test("has a priority per tone, and takes others", async () => {
    await using server = aReceiver();
    const state = { ...aContext().context.state, type: "RUNNING", name: "Running" } as const;
    const options = { server: server.url, token: TOKEN };

    await ring(gotify(options), aContext({ state }));
    await ring(gotify(options), aDecision());
    await ring(gotify({ ...options, priority: 0 }), aContext());
    await ring(gotify({ ...options, priority: { bad: 10 } }), aContext());

    expect(server.received.map((one) => bodyOf(one).priority)).toEqual([2, 5, 0, 10]);
  });

  test("cuts an endless message, and a text of one's own too", async () => {
    await using server = aReceiver();
    const message = "x".repeat(100_000);
    const state = { ...aContext().context.state, message };
    const options = { server: server.url, token: TOKEN };

    await ring(gotify(options), aContext({ state }));
    await ring(gotify({ ...options, text: () => message }), aContext());

    for (const received of server.received) expect(bodyOf(received).message).toHaveLength(8_000);
    expect(bodyOf(server.received[0]).message).toContain("…\n\nFlow: failing-flow\n");
  });

  test("leaves out a message that is empty: what happened is in the title", async () => {
    await using server = aReceiver();
    const state = { ...aContext().context.state, message: "" };

    await ring(gotify({ server: server.url, token: TOKEN }), aContext({ state }));

    expect(bodyOf(server.received[0]).message).toStartWith("Flow: failing-flow\n");
  });

  test("tells of a due time without a run", async () => {
    await using server = aReceiver();

    const thrown = await ring(gotify({ server: server.url, token: TOKEN }), aDecision());

    expect(thrown).toBeUndefined();
    expect(bodyOf(server.received[0])).toMatchObject({
      title: 'Flow "failing-flow" was not run at 2026-11-22T02:00:00.000Z: skipped',
      extras: {
        "client::notification": { click: { url: "http://127.0.0.1:8627/flows/failing-flow" } },
      },
    });
  });

  failsHonestly({
    receiver: "Gotify",
    hookFor: (server) => gotify({ server, token: TOKEN }),
    refusal: {
      status: 401,
      body: {
        error: "Unauthorized",
        errorCode: 401,
        errorDescription: "you need to provide a valid access token or user credentials",
      },
      reason: "you need to provide a valid access token",
    },
    secret: TOKEN,
  });

  test("refuses wrong options while the config is read", () => {
    // @ts-expect-error: what a config that nobody type-checked may hold
    expect(() => gotify({ token: TOKEN })).toThrow(
      'Cannot make gotify({ server }): it is undefined, expected the server\'s address, such as "https://example.org"',
    );
    // @ts-expect-error: what a config that nobody type-checked may hold
    expect(() => gotify({ server: "https://example.org" })).toThrow(
      "Cannot make gotify({ token }): it is undefined",
    );
    expect(() =>
      gotify({ server: "https://example.org", token: TOKEN, priority: { bad: 11 } }),
    ).toThrow('Cannot make gotify({ priority }): it is {"bad":11}, expected a whole number from 0');
  });
});

function bodyOf(received: Received | undefined) {
  return JSON.parse(received?.body ?? "{}");
}
