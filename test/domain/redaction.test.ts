import { describe, expect, test } from "bun:test";
import type { Json } from "../../src/domain/json.ts";
import { createRedactor, redactData } from "../../src/domain/redaction.ts";

function knowing(...values: readonly Json[]) {
  const redactor = createRedactor();
  for (const [index, value] of values.entries()) redactor.learn(`secret/${index}`, value);
  return redactor;
}

describe("a redactor", () => {
  test("answers texts as they are while it knows nothing", () => {
    const redactor = createRedactor();

    expect(redactor.isIdle()).toBe(true);
    expect(redactor.redact("hunter2-canary")).toBe("hunter2-canary");
  });

  test("replaces a secret wherever it stands in a text, and every time", () => {
    const { redact } = knowing("hunter2-canary");

    expect(redact("hunter2-canary is hunter2-canary.")).toBe("‹redacted› is ‹redacted›.");
    expect(redact("xhunter2-canaryx")).toBe("x‹redacted›x");
    expect(redact("hunter2-canarhunter2-canary")).toBe("hunter2-canar‹redacted›");
  });

  const odd = `pä"ss\\wo rd'&<%+/?`;
  test.each([
    ["JSON", JSON.stringify({ a: odd })],
    ["an address", `https://example.org/?k=${encodeURIComponent(odd)}`],
    [
      "an address with small letters",
      encodeURIComponent(odd).replace(/%../g, (it) => it.toLowerCase()),
    ],
    ["a form", new URLSearchParams({ k: odd }).toString()],
    ["HTML", "pä&quot;ss\\wo rd&#39;&amp;&lt;%+/?"],
    ["base64", btoa(String.fromCharCode(...new TextEncoder().encode(odd)))],
  ])("finds a secret in %s", (_, text) => {
    expect(knowing(odd).redact(text)).toContain("‹redacted›");
    expect(knowing("other-secret").redact(text)).toBe(text);
  });

  test.each(["", "a", "al", "ali"])("finds the password of %p in a basic authorization", (user) => {
    const password = "s3cret-password?>";
    const header = `Basic ${btoa(`${user}:${password}`)}`;
    const shown = knowing(password).redact(header);

    expect(shown).toContain("‹redacted›");
    expect(atob(header.slice(6))).toContain(password);
    expect(shown.length).toBeLessThan("Basic ".length + 12 + "‹redacted›".length);
  });

  test("finds every text of a secret of several parts, and no numbers", () => {
    const { redact } = knowing({
      user: "alice-1",
      tokens: ["first-token", "second-token"],
      port: 5432,
    });

    expect(redact("alice-1 first-token second-token 5432")).toBe(
      "‹redacted› ‹redacted› ‹redacted› 5432",
    );
  });

  test("finds a private key line by line, as output is kept", () => {
    const key =
      "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----";

    const shown = key.split("\n").map((line) => knowing(key).redact(line));

    expect(shown).toEqual([
      "-----BEGIN PRIVATE KEY-----",
      "‹redacted›",
      "‹redacted›",
      "-----END PRIVATE KEY-----",
    ]);
  });

  test("finds the token of an address without its host, and leaves the host alone", () => {
    const { redact } = knowing("https://hooks.example.org/services/T0/B0/xyzzy");

    expect(redact("POST /services/T0/B0/xyzzy to hooks.example.org failed")).toBe(
      "POST ‹redacted› to hooks.example.org failed",
    );
  });

  test("finds the password of an address, decoded or not", () => {
    const { redact } = knowing("smtps://mailer:p%40ssw0rd-9@mail.example.org:465");

    expect(redact("login mailer with p@ssw0rd-9 (p%40ssw0rd-9) at mail.example.org")).toBe(
      "login mailer with ‹redacted› (‹redacted›) at mail.example.org",
    );
  });

  test("prefers the longest of secrets that begin alike", () => {
    expect(knowing("token-1", "token-1-long").redact("token-1-long token-1")).toBe(
      "‹redacted› ‹redacted›",
    );
  });

  test("knows as many secrets as there are", () => {
    const many = Array.from({ length: 5_000 }, (_, no) => `secret-number-${no}-of-many`);

    const { redact } = knowing(many);

    expect(redact(`it says ${many[4_321]}; ${many[7]}?`)).toBe("it says ‹redacted›; ‹redacted›?");
  });

  test("leaves out what is too short to be told from anything else", () => {
    expect(knowing("abc", "").redact("abc of abc")).toBe("abc of abc");
  });

  test("still finds the value before the last, and that of a block that is gone", () => {
    const redactor = knowing("first-value");

    redactor.learn("secret/0", "second-value");
    redactor.forget("secret/0");

    expect(redactor.redact("first-value second-value")).toBe("‹redacted› ‹redacted›");
  });
});

describe("data", () => {
  test("keeps its shape and our own words, and loses secrets everywhere else", () => {
    const redactor = knowing("failed", "2026-01", "canary-9");
    const run = {
      id: "canary-9",
      state: { type: "failed", at: "2026-01-31T12:00:00Z", message: "it failed: canary-9" },
      error: { name: "canary-9", message: "failed", cause: { name: "canary-9", message: "" } },
      parameters: { "canary-9": ["canary-9", 5, null, true], type: "failed" },
    };

    expect(redactData<unknown>(redactor, run)).toEqual({
      id: "canary-9",
      state: { type: "failed", at: "2026-01-31T12:00:00Z", message: "it ‹redacted›: ‹redacted›" },
      error: {
        name: "‹redacted›",
        message: "‹redacted›",
        cause: { name: "‹redacted›", message: "" },
      },
      parameters: { "‹redacted›": ["‹redacted›", 5, null, true], type: "‹redacted›" },
    });
  });
});
