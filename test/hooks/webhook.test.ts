import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { webhook } from "../../hooks/webhook.ts";
import { block } from "../../src/sdk/mod.ts";
import { aContext, aDecision, ring } from "./context.ts";
import { aReceiver, type Received } from "./receiver.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

describe("webhook()", () => {
  test("posts type, timestamp and data of the transition", async () => {
    await using receiver = aReceiver();
    const told = aContext();

    expect(await ring(webhook({ url: `${receiver.url}/in` }), told)).toBeUndefined();

    const [received] = receiver.received;
    expect(received?.path).toBe("/in");
    expect(received?.headers.has("webhook-signature")).toBe(false);
    expect(received?.headers.get("webhook-id")).toBe(told.context.delivery.id);
    const { flow, run, state, previous, urls } = told.context;
    expect(JSON.parse(received?.body ?? "")).toEqual({
      type: "run.failed",
      timestamp: "2026-11-22T02:00:32.000Z",
      data: { moment: "onFailure", flow, run, state, previous, urls },
    });
  });

  test("posts why a due time became no run", async () => {
    await using receiver = aReceiver();
    const told = aDecision();

    expect(await ring(webhook({ url: receiver.url }), told)).toBeUndefined();

    const { flow, urls, decision } = told.context;
    expect(JSON.parse(receiver.received[0]?.body ?? "")).toEqual({
      type: "decision.skipped",
      timestamp: "2026-11-22T02:00:00.100Z",
      data: { moment: "onSkipped", flow, decision, urls },
    });
  });

  test("shows none of its secrets when the receiver repeats what it was sent", async () => {
    await using receiver = aReceiver(
      ({ headers }) =>
        new Response(`no: ${headers.get("x-key")?.split(" ")[1]} ${SECRET}`, { status: 400 }),
    );
    const headers = { "x-key": block("secret/key") };
    const told = aContext({}, { "secret/key": "Bearer t0p-secret" });

    const thrown = await ring(webhook({ url: receiver.url, secret: SECRET, headers }), told);

    expect(String(thrown)).toEndWith("it answered 400: no: … …");
  });

  test("signs the same id at every attempt so that an independent receiver can verify it", async () => {
    await using receiver = aReceiver();
    const hook = webhook({ url: receiver.url, secret: block("secret/webhook") });
    const { context } = aContext();

    for (const attempt of [1, 2]) {
      const delivery = { ...context.delivery, attempt };
      await ring(hook, aContext({ delivery }, { "secret/webhook": SECRET }));
    }

    expect(receiver.received).toHaveLength(2);
    for (const received of receiver.received) {
      expect(received.headers.get("webhook-id")).toBe(context.delivery.id);
      expect(received.headers.get("webhook-signature")).toBe(signatureBy(SECRET, received));
      expect(ageOf(received)).toBeLessThan(300);
    }
  });

  test("signs with both secrets while one takes the place of the other", async () => {
    await using receiver = aReceiver();

    await ring(webhook({ url: receiver.url, secret: [SECRET, OTHER] }), aContext());

    const [received] = receiver.received;
    if (received === undefined) throw new Error("nothing was received");
    expect(received.headers.get("webhook-signature")).toBe(
      `${signatureBy(SECRET, received)} ${signatureBy(OTHER, received)}`,
    );
  });

  test("takes address and headers from blocks", async () => {
    await using receiver = aReceiver();
    const blocks = { "webhook/in": `${receiver.url}/hidden`, "secret/token": "Bearer t0p" };

    const hook = webhook({
      url: block("webhook/in"),
      headers: { authorization: block("secret/token"), "x-plain": "yes" },
    });
    expect(await ring(hook, aContext({}, blocks))).toBeUndefined();

    expect(receiver.received[0]?.path).toBe("/hidden");
    expect(receiver.received[0]?.headers.get("authorization")).toBe("Bearer t0p");
    expect(receiver.received[0]?.headers.get("x-plain")).toBe("yes");
  });

  test("takes address and secret from one block", async () => {
    await using receiver = aReceiver();
    const target = { url: `${receiver.url}/both`, secret: SECRET };
    const told = aContext({}, { "webhook/audit": target });

    expect(await ring(webhook({ url: block("webhook/audit") }), told)).toBeUndefined();

    const [received] = receiver.received;
    if (received === undefined) throw new Error("nothing was received");
    expect(received.path).toBe("/both");
    expect(received.headers.get("webhook-signature")).toBe(signatureBy(SECRET, received));
  });

  test("does not follow a redirect and does not count it as delivered", async () => {
    await using elsewhere = aReceiver();
    await using receiver = aReceiver(() => Response.redirect(elsewhere.url, 307));

    const thrown = await ring(webhook({ url: receiver.url }), aContext());

    expect(String(thrown)).toContain("Cannot post to the webhook: it answered 307");
    expect(elsewhere.received).toEqual([]);
  });

  test("refuses a secret that is not one, without showing it", async () => {
    const hook = webhook({ url: "http://127.0.0.1:9", secret: "hunter2 is no base64" });

    const thrown = await ring(hook, aContext());

    expect(String(thrown)).toContain("Cannot sign with the webhook's secret: expected whsec_");
    expect(String(thrown)).not.toContain("hunter2");
  });
});

/** What a receiver computes, by another library than the hook's. */
function signatureBy(secret: string, { headers, body }: Received): string {
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const text = `${headers.get("webhook-id")}.${headers.get("webhook-timestamp")}.${body}`;
  return `v1,${createHmac("sha256", key).update(text).digest("base64")}`;
}

function ageOf({ headers }: Received): number {
  return Math.abs(Date.now() / 1_000 - Number(headers.get("webhook-timestamp")));
}
