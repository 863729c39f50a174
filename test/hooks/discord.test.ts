import { describe, expect, test } from "bun:test";
import { discord } from "../../hooks/discord.ts";
import { block } from "../../src/sdk/mod.ts";
import { aContext, aDecision, ring } from "./context.ts";
import { failsHonestly, messageOf } from "./failures.ts";
import { aReceiver, type Received } from "./receiver.ts";

const TOKEN = "discord-token-of-68-characters";
const PATH = `/api/webhooks/1234/${TOKEN}`;

describe("discord()", () => {
  test("executes the webhook in the block, waits for the message to be kept, and sends one embed", async () => {
    await using server = aReceiver(() => Response.json({ id: "1" }));
    const told = aContext({}, { "secret/discord": server.url + PATH });

    expect(await ring(discord({ webhook: block("secret/discord") }), told)).toBeUndefined();

    const [received] = server.received;
    expect(received).toMatchObject({
      method: "POST",
      path: `/api/v10/webhooks/1234/${TOKEN}`,
      query: "?wait=true",
    });
    expect(received?.headers.get("content-type")).toBe("application/json");
    expect(bodyOf(received)).toEqual({
      embeds: [
        {
          title: 'Run "brave\\-otter" of flow "failing\\-flow" entered Failed',
          description:
            "> oops!\n\nSee <http://127.0.0.1:8627/runs/0199a1b2-0000-7000-8000-000000000001>",
          color: 0xe01e5a,
          fields: [
            { name: "Flow", value: "failing\\-flow", inline: true },
            { name: "Run", value: "brave\\-otter", inline: true },
            { name: "State", value: "Failed", inline: true },
            { name: "Tags", value: "prod, nightly", inline: true },
            { name: "Scheduled start", value: "2026\\-11\\-22T02\\:00\\:00.000Z", inline: true },
          ],
        },
      ],
      allowed_mentions: { parse: [] },
    });
  });

  test("sends to a thread under a name of one's own, and keeps what the address asks already", async () => {
    await using server = aReceiver();
    const webhook = `${server.url + PATH}?with_components=true`;

    await ring(discord({ webhook, thread: "987654321", username: "tocsin" }), aContext());

    expect(server.received[0]?.query).toBe("?with_components=true&wait=true&thread_id=987654321");
    expect(bodyOf(server.received[0]).username).toBe("tocsin");
  });

  test("shows a message as it is, whatever Discord reads as its own, and lets it call nobody", async () => {
    await using server = aReceiver();
    const state = {
      ...aContext().context.state,
      message: "@everyone <@&1> **a** `b`\n# c\n1. d\n[e](https://example.org)",
    };

    await ring(discord({ webhook: server.url }), aContext({ state }));

    const body = bodyOf(server.received[0]);
    expect(body.embeds[0].description).toStartWith(
      [
        "> \\@everyone \\<\\@&1\\> \\*\\*a\\*\\* \\`b\\`",
        "> \\# c",
        "> 1\\. d",
        "> \\[e\\]\\(https\\://example.org\\)",
      ].join("\n"),
    );
    expect(body.allowed_mentions).toEqual({ parse: [] });
  });

  test("keeps Discord's limits with endless texts, and still links to the run", async () => {
    await using server = aReceiver();
    const { context } = aContext();
    const long = "*<😀\n".repeat(10_000);
    const told = aContext({
      state: { ...context.state, message: long },
      run: { ...context.run, name: long, flow: long, tags: [long, long] },
    });

    expect(await ring(discord({ webhook: server.url }), told)).toBeUndefined();
    await ring(discord({ webhook: server.url, text: () => long }), told);

    const [embed] = bodyOf(server.received[0]).embeds;
    const fields: readonly { name: string; value: string }[] = embed.fields;
    expect(embed.title.length).toBeWithin(200, 257);
    expect(embed.description.length).toBeWithin(4_000, 4_097);
    expect(embed.description).toContain("…\n\nSee <http://127.0.0.1:8627/runs/");
    for (const { value } of fields) expect(value.length).toBeWithin(1, 1_025);
    const all = fields.map(({ name, value }) => name + value).join("");
    expect(embed.title.length + embed.description.length + all.length).toBeLessThanOrEqual(6_000);
    const { content } = bodyOf(server.received[1]);
    expect(content.length).toBeWithin(1_900, 2_001);
    expect(content).toEndWith("…");
  });

  test("sends a text of one's own as the content, which calls nobody either", async () => {
    await using server = aReceiver();

    await ring(
      discord({ webhook: server.url, text: ({ flow }) => `**${flow.name}** @here` }),
      aContext(),
    );

    expect(bodyOf(server.received[0])).toEqual({
      content: "**failing-flow** @here",
      allowed_mentions: { parse: [] },
    });
  });

  test("tells of a task, and of a due time without a run", async () => {
    await using server = aReceiver();
    const hook = discord({ webhook: server.url });

    await ring(hook, aContext({ task: "extract" }));
    expect(await ring(hook, aDecision())).toBeUndefined();

    const [ofTask, ofDecision] = server.received.map((one) => bodyOf(one).embeds[0]);
    expect(ofTask.title).toStartWith('Task "extract" in run "brave\\-otter"');
    expect(ofDecision).toMatchObject({
      title: 'Flow "failing\\-flow" was not run at 2026\\-11\\-22T02\\:00\\:00.000Z\\: skipped',
      description:
        "> run brave\\-otter had not ended\n\nSee <http://127.0.0.1:8627/flows/failing-flow>",
      color: 0xecb22e,
    });
  });

  test("waits as long as the body of a 429 says, which is more exact than its header", async () => {
    await using server = aReceiver(() =>
      Response.json(
        { message: "You are being rate limited.", retry_after: 64.57, global: false },
        { status: 429, headers: { "retry-after": "1" } },
      ),
    );

    expect(await ring(discord({ webhook: server.url }), aContext())).toMatchObject({
      retryAfterMs: 64_570,
    });
  });

  failsHonestly({
    receiver: "Discord",
    hookFor: (server) => discord({ webhook: server + PATH }),
    refusal: {
      status: 400,
      body: { code: 50_035, errors: {}, message: "Invalid Form Body" },
      reason: "Invalid Form Body",
    },
    secret: TOKEN,
  });

  test("refuses wrong options while the config is read", () => {
    // @ts-expect-error: what a config that nobody type-checked may hold
    expect(() => discord({})).toThrow(
      'Cannot make discord({ webhook }): it is undefined, expected a text or block("type/name")',
    );
    expect(() => discord({ webhook: "x", thread: "general" })).toThrow(
      "Cannot make discord({ thread }): expected the id of a thread, digits in a text",
    );
  });

  test("says which block is missing, and that an address is none", async () => {
    const missing = await ring(discord({ webhook: block("secret/none") }), aContext());
    const nonsense = await ring(discord({ webhook: "discord" }), aContext());

    expect(messageOf(missing)).toBe('Cannot load block "secret/none": there is none');
    expect(messageOf(nonsense)).toBe(
      "Cannot post to Discord: the address is not an http or https URL",
    );
  });
});

function bodyOf(received: Received | undefined) {
  return JSON.parse(received?.body ?? "{}");
}
