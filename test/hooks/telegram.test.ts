import { describe, expect, test } from "bun:test";
import { telegram } from "../../hooks/telegram.ts";
import { block } from "../../src/sdk/mod.ts";
import { aContext, aDecision, ring } from "./context.ts";
import { failsHonestly, messageOf } from "./failures.ts";
import { aReceiver, type Received } from "./receiver.ts";

const TOKEN = "123456789:AAF-secret_part";

describe("telegram()", () => {
  test("calls sendMessage with the token in the block, and tells all there is to know", async () => {
    await using server = aReceiver(() => Response.json({ ok: true, result: {} }));
    const told = aContext({}, { "secret/telegram": TOKEN });
    const hook = telegram({ token: block("secret/telegram"), chat: -1001, server: server.url });

    expect(await ring(hook, told)).toBeUndefined();

    const [received] = server.received;
    expect(received).toMatchObject({ method: "POST", path: `/bot${TOKEN}/sendMessage`, query: "" });
    expect(received?.headers.get("content-type")).toBe("application/json");
    expect(bodyOf(received)).toEqual({
      chat_id: -1001,
      text: [
        '<b>Run "brave-otter" of flow "failing-flow" entered Failed</b>',
        "<blockquote>oops!</blockquote>",
        "See http://127.0.0.1:8627/runs/0199a1b2-0000-7000-8000-000000000001",
        [
          "Flow: failing-flow",
          "Run: brave-otter",
          "State: Failed",
          "Tags: prod, nightly",
          "Scheduled start: 2026-11-22T02:00:00.000Z",
        ].join("\n"),
      ].join("\n\n"),
      parse_mode: "HTML",
      link_preview_options: { is_disabled: true },
    });
  });

  test("sends to a topic, without a sound, to a chat whose name is in a block", async () => {
    await using server = aReceiver();
    const chat = block("string/chat");
    const told = aContext({}, { "string/chat": "@ops" });

    await ring(telegram({ token: TOKEN, chat, thread: 7, silent: true, server: server.url }), told);

    expect(bodyOf(server.received[0])).toMatchObject({
      chat_id: "@ops",
      message_thread_id: 7,
      disable_notification: true,
    });
  });

  test("escapes what Telegram would read as a tag", async () => {
    await using server = aReceiver();
    const state = { ...aContext().context.state, message: "</blockquote> a & <b>b</b>" };

    await ring(hookFor(server.url), aContext({ state, task: "<x>" }));

    const { text } = bodyOf(server.received[0]);
    expect(text).toContain(
      "<blockquote>&lt;/blockquote&gt; a &amp; &lt;b&gt;b&lt;/b&gt;</blockquote>",
    );
    expect(text).toStartWith('<b>Task "&lt;x&gt;" in run "brave-otter"');
  });

  test("keeps to 4,096 characters once the markup is read, and cuts only the message", async () => {
    await using server = aReceiver();
    const state = { ...aContext().context.state, message: "<😀&".repeat(10_000) };

    await ring(hookFor(server.url), aContext({ state }));

    const { text } = bodyOf(server.received[0]);
    const read = asTelegramReads(text);
    expect(read.length).toBeWithin(3_900, 4_097);
    expect(read).toContain("…\n\nSee http://127.0.0.1:8627/runs/");
    expect(read).toEndWith("Scheduled start: 2026-11-22T02:00:00.000Z");
  });

  test("sends a text of one's own as plain text, or in the format that is asked for", async () => {
    await using server = aReceiver();
    const options = { token: TOKEN, chat: "@ops", server: server.url } as const;

    await ring(telegram({ ...options, text: () => "a < b" }), aContext());
    await ring(telegram({ ...options, text: () => "*c*", format: "MarkdownV2" }), aContext());
    await ring(telegram({ ...options, text: () => "x".repeat(5_000) }), aContext());

    const [plain, marked, long] = server.received.map(bodyOf);
    expect(plain).toEqual({
      chat_id: "@ops",
      text: "a < b",
      link_preview_options: { is_disabled: true },
    });
    expect(marked).toMatchObject({ text: "*c*", parse_mode: "MarkdownV2" });
    expect(long.text).toHaveLength(4_096);
  });

  test("tells of a due time without a run", async () => {
    await using server = aReceiver();

    expect(await ring(hookFor(server.url), aDecision())).toBeUndefined();

    expect(bodyOf(server.received[0]).text).toBe(
      [
        '<b>Flow "failing-flow" was not run at 2026-11-22T02:00:00.000Z: skipped</b>',
        "<blockquote>run brave-otter had not ended</blockquote>",
        "See http://127.0.0.1:8627/flows/failing-flow",
        "Flow: failing-flow\nSchedule: nightly\nDue: 2026-11-22T02:00:00.000Z\nTags: prod",
      ].join("\n\n"),
    );
  });

  test("waits as long as the parameters of a 429 say: Telegram has no header for it", async () => {
    await using server = aReceiver(() =>
      Response.json(
        {
          ok: false,
          error_code: 429,
          description: "Too Many Requests: retry after 34",
          parameters: { retry_after: 34 },
        },
        { status: 429 },
      ),
    );

    const thrown = await ring(hookFor(server.url), aContext());

    expect(thrown).toMatchObject({ retryAfterMs: 34_000 });
    expect(messageOf(thrown)).toContain("Too Many Requests: retry after 34");
  });

  failsHonestly({
    receiver: "Telegram",
    hookFor,
    refusal: {
      status: 400,
      body: { ok: false, error_code: 400, description: "Bad Request: chat not found" },
      reason: "Bad Request: chat not found",
    },
    secret: TOKEN,
  });

  test("refuses wrong options while the config is read", () => {
    // @ts-expect-error: what a config that nobody type-checked may hold
    expect(() => telegram({ chat: 1 })).toThrow("Cannot make telegram({ token }): it is undefined");
    // @ts-expect-error: what a config that nobody type-checked may hold
    expect(() => telegram({ token: TOKEN })).toThrow(
      "Cannot make telegram({ chat }): it is undefined",
    );
    expect(() => telegram({ token: TOKEN, chat: 1, server: "api.telegram.org" })).toThrow(
      'Cannot make telegram({ server }): it is "api.telegram.org", expected the server\'s address',
    );
  });

  test("refuses a token that is none, without showing it", async () => {
    const thrown = await ring(telegram({ token: "hunter2/../x", chat: 1 }), aContext());

    expect(messageOf(thrown)).toStartWith("Cannot use the Telegram bot's token: expected what");
    expect(messageOf(thrown)).not.toContain("hunter2");
  });
});

function hookFor(server: string) {
  return telegram({ token: TOKEN, chat: -1001, server });
}

function asTelegramReads(html: string): string {
  const text = html.replace(/<\/?(?:b|blockquote)>/g, "");
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function bodyOf(received: Received | undefined) {
  return JSON.parse(received?.body ?? "{}");
}
