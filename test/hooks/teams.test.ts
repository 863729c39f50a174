import { describe, expect, test } from "bun:test";
import { teams } from "../../hooks/teams.ts";
import { block } from "../../src/sdk/mod.ts";
import { aContext, aDecision, ring } from "./context.ts";
import { failsHonestly, messageOf } from "./failures.ts";
import { aReceiver, type Received } from "./receiver.ts";

const SIGNATURE = "uZ1-signature-of-a-workflow";
const PATH = `/workflows/0a1b/triggers/manual/paths/invoke?api-version=2016-06-01&sig=${SIGNATURE}`;
const RETIRED = "Cannot use the Teams webhook: its address is a connector's, which Microsoft has";

describe("teams()", () => {
  test("hands the workflow in the block one Adaptive Card, and takes its 202 for success", async () => {
    await using server = aReceiver(() => new Response(null, { status: 202 }));
    const told = aContext({}, { "secret/teams": server.url + PATH });

    expect(await ring(teams({ webhook: block("secret/teams") }), told)).toBeUndefined();

    const [received] = server.received;
    expect(received).toMatchObject({
      method: "POST",
      path: "/workflows/0a1b/triggers/manual/paths/invoke",
      query: `?api-version=2016-06-01&sig=${SIGNATURE}`,
    });
    expect(received?.headers.get("content-type")).toBe("application/json");
    const message = JSON.parse(received?.body ?? "");
    expect(message).toMatchObject({
      type: "message",
      attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", contentUrl: null }],
    });
    expect(message.attachments).toHaveLength(1);
    expect(cardIn(received)).toMatchObject({
      $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
      type: "AdaptiveCard",
      version: "1.4",
      actions: [
        {
          type: "Action.OpenUrl",
          url: "http://127.0.0.1:8627/runs/0199a1b2-0000-7000-8000-000000000001",
        },
      ],
    });
    expect(textsIn(received)).toEqual([
      'Run "brave-otter" of flow "failing-flow" entered Failed',
      "oops!",
      "Flow: failing-flow",
      "Run: brave-otter",
      "State: Failed",
      "Tags: prod, nightly",
      "Scheduled start: 2026-11-22T02:00:00.000Z",
    ]);
  });

  test("puts everything into text runs, where no Markdown is read, and mentions nobody", async () => {
    await using server = aReceiver();
    const state = {
      ...aContext().context.state,
      message: "**a** [b](https://example.org) <at>Ada</at>\nc",
    };

    await ring(teams({ webhook: server.url }), aContext({ state }));

    const card = cardIn(server.received[0]);
    expect(textsIn(server.received[0])).toContain(state.message);
    for (const { type, inlines } of card.body) {
      expect(type).toBe("RichTextBlock");
      for (const run of inlines) expect(run.type).toBe("TextRun");
    }
    expect(card.msteams).toEqual({ width: "Full" });
  });

  test("colours the title by tone, with the colours that cards have", async () => {
    await using server = aReceiver();
    const state = { ...aContext().context.state, type: "COMPLETED", name: "Completed" } as const;

    await ring(teams({ webhook: server.url }), aContext());
    await ring(teams({ webhook: server.url }), aContext({ state }));
    await ring(teams({ webhook: server.url }), aDecision());

    expect(server.received.map((one) => cardIn(one).body[0].inlines[0].color)).toEqual([
      "attention",
      "good",
      "warning",
    ]);
  });

  test("stays below 28 KB with an endless message, and a text of one's own too", async () => {
    await using server = aReceiver();
    const message = 'ä"\n'.repeat(100_000);
    const told = aContext({ state: { ...aContext().context.state, message } });

    await ring(teams({ webhook: server.url }), told);
    await ring(teams({ webhook: server.url, text: () => message }), told);

    for (const { body } of server.received) {
      expect(Buffer.byteLength(body)).toBeWithin(20_000, 28 * 1_024);
    }
    expect(textsIn(server.received[0]).at(-1)).toStartWith("Scheduled start: ");
  });

  test("sends a text of one's own as a text block, where Markdown is read", async () => {
    await using server = aReceiver();

    await ring(
      teams({ webhook: server.url, text: async ({ flow }) => `**${flow.name}**` }),
      aContext(),
    );

    expect(cardIn(server.received[0]).body).toEqual([
      { type: "TextBlock", text: "**failing-flow**", wrap: true },
    ]);
  });

  test("tells of a task, and of a due time without a run", async () => {
    await using server = aReceiver();

    await ring(teams({ webhook: server.url }), aContext({ task: "extract" }));
    expect(await ring(teams({ webhook: server.url }), aDecision())).toBeUndefined();

    expect(textsIn(server.received[0])).toContain("Task: extract");
    expect(textsIn(server.received[1])).toEqual([
      'Flow "failing-flow" was not run at 2026-11-22T02:00:00.000Z: skipped',
      "run brave-otter had not ended",
      "Flow: failing-flow",
      "Schedule: nightly",
      "Due: 2026-11-22T02:00:00.000Z",
      "Tags: prod",
    ]);
  });

  failsHonestly({
    receiver: "Teams",
    hookFor: (server) => teams({ webhook: server + PATH }),
    refusal: {
      status: 401,
      body: {
        error: { code: "DirectApiAuthorizationRequired", message: "The request must be signed" },
      },
      reason: "DirectApiAuthorizationRequired",
    },
    secret: SIGNATURE,
  });

  test("refuses the address of a connector, while the config is read or when it rings", async () => {
    const connector = "https://example.webhook.office.com/webhookb2/0a1b@2c3d/IncomingWebhook/4e";
    const told = aContext({}, { "secret/teams": connector });

    const rung = await ring(teams({ webhook: block("secret/teams") }), told);

    expect(() => teams({ webhook: connector })).toThrow(RETIRED);
    expect(messageOf(rung)).toStartWith(RETIRED);
    expect(messageOf(rung)).not.toContain("0a1b");
  });

  test("refuses to be made without an address", () => {
    expect(() => teams({ webhook: "" })).toThrow(
      'Cannot make teams({ webhook }): it is empty, expected a text or block("type/name")',
    );
  });
});

function cardIn(received: Received | undefined) {
  return JSON.parse(received?.body ?? "{}").attachments[0].content;
}

function textsIn(received: Received | undefined): readonly string[] {
  const blocks: readonly { inlines: readonly { text: string }[] }[] = cardIn(received).body;
  return blocks.map(({ inlines }) => inlines.map(({ text }) => text).join(""));
}
