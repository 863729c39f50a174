import { describe, expect, test } from "bun:test";
import { createServer, type Socket } from "node:net";
import { email } from "../../hooks/email.ts";
import { block, HookRejection, type Json } from "../../src/sdk/mod.ts";
import { aContext, aDecision, ring } from "./context.ts";
import { messageOf } from "./failures.ts";
import { aMailSink, CERTIFICATE, PASSWORD, USER } from "./mail-sink.ts";

const FROM = "tocsin <tocsin@example.org>";
const TO = "ann@example.org";

describe("email()", () => {
  test("sends name, state, message, link, tags and scheduled start", async () => {
    await using sink = await aMailSink();
    const told = aContext();

    const hook = email({ smtp: plain(sink.port), from: FROM, to: [TO, "Bo <bo@example.org>"] });
    expect(await ring(hook, told)).toBeUndefined();

    expect(sink.letters).toHaveLength(1);
    const [letter] = sink.letters;
    expect(letter).toMatchObject({
      from: "tocsin@example.org",
      recipients: [TO, "bo@example.org"],
      secure: false,
    });
    const { headers, text } = partsOf(letter?.source);
    expect(headers["from"]).toBe(FROM);
    expect(headers["to"]).toBe(`${TO}, Bo <bo@example.org>`);
    expect(decoded(headers["subject"])).toBe(
      '[tocsin] Run "brave-otter" of flow "failing-flow" entered Failed',
    );
    expect(headers["message-id"]).toBe(`<${told.context.delivery.id}@example.org>`);
    expect(headers["auto-submitted"]).toBe("auto-generated");
    expect(text).toStartWith(
      'Run "brave-otter" of flow "failing-flow" entered Failed\n\noops!\n\nFlow: failing-flow\n',
    );
    expect(text).toContain("Tags: prod, nightly\nScheduled start: 2026-11-22T02:00:00.000Z");
    expect(text.trimEnd()).toEndWith(told.context.urls.run);
  });

  test("keeps its message's id at every attempt", async () => {
    await using sink = await aMailSink();
    const hook = email({ smtp: plain(sink.port), from: FROM, to: TO });
    const { delivery } = aContext().context;

    for (const attempt of [1, 2])
      await ring(hook, aContext({ delivery: { ...delivery, attempt } }));

    const ids = sink.letters.map(({ source }) => partsOf(source).headers["message-id"]);
    expect(ids).toEqual([`<${delivery.id}@example.org>`, `<${delivery.id}@example.org>`]);
  });

  test("logs in after STARTTLS, with server, user and password from a block", async () => {
    await using sink = await aMailSink();
    const server = { host: "127.0.0.1", port: sink.port, user: USER, password: PASSWORD };
    const told = aContext({}, { "smtp/mail": { ...server, ca: CERTIFICATE } });

    const hook = email({ smtp: block("smtp/mail"), from: FROM, to: TO });
    expect(await ring(hook, told)).toBeUndefined();

    expect(sink.letters).toMatchObject([{ secure: true, user: USER }]);
  });

  test("speaks TLS from the first byte to an smtps server", async () => {
    await using sink = await aMailSink({ secure: true });
    const smtp = { host: "localhost", port: sink.port, tls: "direct", ca: CERTIFICATE } as const;

    expect(await ring(email({ smtp, from: FROM, to: TO }), aContext())).toBeUndefined();

    expect(sink.letters).toMatchObject([{ secure: true, user: undefined }]);
  });

  test("sends neither mail nor password to a server without STARTTLS when there is a user", async () => {
    const said: string[] = [];
    await using sink = await aMailSink({
      hideSTARTTLS: true,
      disabledCommands: ["STARTTLS"],
      onAuth: ({ password }) => void said.push(password ?? ""),
    });
    const smtp = `smtp://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${sink.port}`;

    const thrown = await ring(email({ smtp, from: FROM, to: TO }), aContext());

    expect(messageOf(thrown)).toStartWith(`Cannot send mail by "127.0.0.1:${sink.port}": `);
    expect(sink.letters).toEqual([]);
    expect(said).toEqual([]);
  });

  test("does not trust a certificate that nobody vouches for", async () => {
    await using sink = await aMailSink({ secure: true });
    const smtp = { host: "localhost", port: sink.port, tls: "direct" } as const;

    const thrown = await ring(email({ smtp, from: FROM, to: TO }), aContext());

    expect(messageOf(thrown)).toMatch(/^Cannot send mail by "localhost:\d+": .*certificate/);
    expect(sink.letters).toEqual([]);
  });

  test("says that it cannot log in, without the password, whatever the server repeats", async () => {
    await using sink = await aMailSink();
    const wrong = "hunter2 is wrong";
    const smtp = {
      ...{ host: "127.0.0.1", port: sink.port, user: USER, password: wrong },
      ca: CERTIFICATE,
    };

    const thrown = messageOf(await ring(email({ smtp, from: FROM, to: TO }), aContext()));

    expect(thrown).toStartWith(`Cannot log in to "127.0.0.1:${sink.port}": 535 5.7.8 `);
    expect(thrown).not.toContain(wrong);
    expect(thrown).not.toContain(btoa(wrong));
  });

  test("names the recipients that were refused, and tries again only with them", async () => {
    let moved = true;
    await using sink = await aMailSink(
      {},
      { recipient: (to) => (moved && to === "bo@example.org" ? [550, "5.1.1 moved"] : undefined) },
    );
    const hook = email({ smtp: plain(sink.port), from: FROM, to: [TO, "bo@example.org"] });
    const { delivery } = aContext().context;
    const attempt = (attempt: number) =>
      ring(hook, aContext({ delivery: { ...delivery, id: crypto.randomUUID(), attempt } }));
    const id = crypto.randomUUID();
    const again = (attempt: number) =>
      ring(hook, aContext({ delivery: { ...delivery, id, attempt } }));

    const thrown = await again(1);
    await again(2);
    moved = false;
    expect(await again(3)).toBeUndefined();
    expect(await attempt(1)).toBeUndefined();

    expect(messageOf(thrown)).toBe(
      `Cannot send mail by "127.0.0.1:${sink.port}" to all: it refused bo@example.org (550 5.1.1 moved); the others have it (${TO})`,
    );
    expect(sink.letters.map(({ recipients }) => recipients)).toEqual([
      [TO],
      ["bo@example.org"],
      [TO, "bo@example.org"],
    ]);
    // Who gets it late sees whom it was for.
    expect(partsOf(sink.letters[1]?.source).headers["to"]).toBe(`${TO}, bo@example.org`);
  });

  test("waits a minute after a temporary refusal, and as long as ever after one for good", async () => {
    for (const [code, waits] of [
      [451, { retryAfterMs: 60_000 }],
      [550, {}],
    ] as const) {
      await using ofRecipient = await aMailSink({}, { recipient: () => [code, "not you"] });
      await using ofMessage = await aMailSink({}, { message: [code, "not this"] });
      const by = (port: number) => email({ smtp: plain(port), from: FROM, to: TO });

      const refused = await ring(by(ofRecipient.port), aContext());
      const unsaid = await ring(by(ofMessage.port), aContext());

      expect(messageOf(refused)).toEndWith(`it refused ${TO} (${code} not you)`);
      expect(messageOf(unsaid)).toEndWith(`: ${code} not this`);
      for (const thrown of [refused, unsaid]) {
        expect(thrown).toBeInstanceOf(HookRejection);
        expect({ ...Object(thrown) }.retryAfterMs).toBe(Object(waits).retryAfterMs);
      }
    }
  });

  test("ends when its time is over, and lets go of the server", async () => {
    const over = new AbortController();
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    // It says nothing, not even who it is.
    const silent = createServer((socket: Socket) => {
      socket.on("error", () => {}).once("close", () => resolve());
      over.abort();
    });
    await new Promise<void>((listening) => silent.listen(0, "127.0.0.1", listening));
    const port = Object(silent.address()).port;

    const hook = email({ smtp: plain(port), from: FROM, to: TO });
    const thrown = await ring(hook, aContext({ signal: over.signal }));

    expect(messageOf(thrown)).toBe(`Cannot send mail by "127.0.0.1:${port}": it took too long`);
    await gone;
    silent.close();
  });

  test("says that nobody listens", async () => {
    const sink = await aMailSink();
    await sink[Symbol.asyncDispose]();

    const thrown = await ring(email({ smtp: plain(sink.port), from: FROM, to: TO }), aContext());

    expect(messageOf(thrown)).toStartWith(`Cannot send mail by "127.0.0.1:${sink.port}": `);
  });

  test("takes subject and text of one's own, cc, bcc and reply-to", async () => {
    await using sink = await aMailSink();
    const hook = email({
      smtp: plain(sink.port),
      from: "tocsin@example.org",
      to: TO,
      cc: "cy@example.org",
      bcc: "di@example.org",
      replyTo: "team@example.org",
      subject: ({ flow }) => `läuft nicht: ${flow.name}`,
      text: async ({ delivery }) => `at ${delivery.moment}`,
    });

    expect(await ring(hook, aContext())).toBeUndefined();

    const [letter] = sink.letters;
    expect(letter?.recipients).toEqual([TO, "cy@example.org", "di@example.org"]);
    const { headers, text } = partsOf(letter?.source);
    expect([headers["cc"], headers["reply-to"]]).toEqual(["cy@example.org", "team@example.org"]);
    expect(letter?.source).not.toContain("di@example.org");
    expect(headers["subject"]).toMatch(/^=\?UTF-8\?/);
    expect(decoded(headers["subject"])).toBe("läuft nicht: failing-flow");
    expect(text.trimEnd()).toBe("at onFailure");
  });

  test("tells of a due time without a run", async () => {
    await using sink = await aMailSink();

    await ring(email({ smtp: plain(sink.port), from: FROM, to: TO }), aDecision());

    expect(partsOf(sink.letters[0]?.source).text).toContain("run brave-otter had not ended");
  });

  test("refuses, while the config is read, what is no server and no address", () => {
    const made = (options: object) => () =>
      // What a config that nobody type-checked may hold.
      Reflect.apply(email, undefined, [{ smtp: "smtp://mail", from: FROM, to: TO, ...options }]);

    expect(made({ smtp: undefined })).toThrow("Cannot use email({ smtp }) as a mail server");
    expect(made({ smtp: "https://user:hunter2@mail" })).toThrow(/^(?!.*hunter2).*expected smtp:/);
    expect(made({ smtp: { host: "mail", port: "hunter2" } })).toThrow(/^(?!.*hunter2).*\(port\)$/);
    expect(made({ to: [] })).toThrow("Cannot make email({ to }): it is empty");
    expect(made({ to: undefined })).toThrow("Cannot make email({ to }): it is empty");
    expect(made({ from: undefined })).toThrow("Cannot make email({ from }): it is empty");
    expect(made({ cc: "nobody" })).toThrow('Cannot make email({ cc }): it is "nobody"');
    expect(made({ to: "a@b.c\r\nBcc: d@e.f" })).toThrow("Cannot make email({ to })");
  });

  test("says what is wrong with a block that is no server, without its value", async () => {
    const smtp: Json = { host: "mail", password: 4_711 };
    const told = aContext({}, { "smtp/mail": smtp });

    const thrown = await ring(email({ smtp: block("smtp/mail"), from: FROM, to: TO }), told);

    expect(messageOf(thrown)).toStartWith('Cannot use block "smtp/mail" as a mail server: ');
    expect(messageOf(thrown)).toEndWith("(password)");
    expect(messageOf(thrown)).not.toContain("4711");
  });
});

function plain(port: number): string {
  return `smtp://127.0.0.1:${port}?tls=off`;
}

function partsOf(source = "") {
  const [head = "", ...text] = source.replaceAll("\r\n", "\n").split("\n\n");
  const lines = head.replace(/\n\s+/g, " ").split("\n");
  const headers: Record<string, string> = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const isQuoted = headers["content-transfer-encoding"] === "quoted-printable";
  const body = text.join("\n\n");
  return { headers, text: isQuoted ? unquoted(body) : body };
}

/** RFC 2047: encoded words, the space between two of which is none. */
function decoded(header = ""): string {
  const words = header.replace(/\?=\s+=\?/g, "?==?").matchAll(/=\?UTF-8\?([QB])\?(.*?)\?=/gi);
  const bytes = [...words].map(([, how, word = ""]) =>
    how === "B"
      ? Buffer.from(word, "base64")
      : Buffer.from(unquoted(word.replaceAll("_", " ")), "latin1"),
  );
  return Buffer.concat(bytes).toString("utf8");
}

function unquoted(text: string): string {
  return text
    .replace(/=\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}
