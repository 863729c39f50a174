import { describe, expect, test } from "bun:test";
import { type Hook, HookRejection } from "../../src/sdk/mod.ts";
import { aContext, ring } from "./context.ts";
import { aReceiver } from "./receiver.ts";

export interface Refusals {
  /** Who is told, as the errors name it. */
  readonly receiver: string;
  /** The hook that sends to this server. */
  hookFor(server: string): Hook;
  /** What this service documents of its own refusals. */
  readonly refusal: { readonly status: number; readonly body: unknown; readonly reason: string };
  /** What must be in no error. */
  readonly secret: string;
}

/** What every hook does that posts to a receiver which refuses, puts off, redirects, or is not there. */
export function failsHonestly({ receiver, hookFor, refusal, secret }: Refusals): void {
  describe(`when ${receiver} does not take the message, the attempt`, () => {
    test(`fails on ${refusal.status} with status and reason, and without secrets`, async () => {
      await using server = aReceiver(async (request) =>
        Response.json(
          { ...Object(refusal.body), at: request.url, key: secret },
          { status: refusal.status },
        ),
      );

      const thrown = messageOf(await ring(hookFor(server.url), aContext()));

      expect(thrown).toStartWith(`Cannot post to ${receiver}: it answered ${refusal.status}: `);
      expect(thrown).toContain(refusal.reason);
      expect(thrown).not.toContain(secret);
    });

    test("passes on how long to wait, from the header of a 429 and of a 503", async () => {
      for (const status of [429, 503]) {
        await using server = aReceiver(
          () => new Response("busy", { status, headers: { "retry-after": "7" } }),
        );

        const thrown = await ring(hookFor(server.url), aContext());

        expect(thrown).toBeInstanceOf(HookRejection);
        expect(thrown).toMatchObject({ retryAfterMs: 7_000 });
      }
    });

    test("fails on a redirect, and does not follow it", async () => {
      await using elsewhere = aReceiver();
      await using server = aReceiver(() => Response.redirect(elsewhere.url, 302));

      const thrown = messageOf(await ring(hookFor(server.url), aContext()));

      expect(thrown).toStartWith(`Cannot post to ${receiver}: it answered 302`);
      expect(elsewhere.received).toEqual([]);
    });

    test("fails without secrets when nobody listens", async () => {
      const gone = aReceiver();
      await gone[Symbol.asyncDispose]();

      const thrown = messageOf(await ring(hookFor(gone.url), aContext()));

      expect(thrown).toStartWith(`Cannot reach ${receiver} at "127.0.0.1:`);
      expect(thrown).not.toContain(secret);
    });

    test("ends when its time is over", async () => {
      const over = new AbortController();
      await using server = aReceiver(() => {
        over.abort();
        return new Promise(() => {});
      });

      const thrown = await ring(hookFor(server.url), aContext({ signal: over.signal }));

      expect(messageOf(thrown)).toBe(`Cannot post to ${receiver}: it took too long`);
    });
  });
}

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : `nothing was thrown but ${thrown}`;
}
