import { type AnyContext, type Hook, type HookSettings, hook, v } from "../src/sdk/mod.ts";
import { post } from "./receiver/post.ts";
import { checked, type TextOrBlock, textOf } from "./receiver/text-of.ts";
import { told } from "./receiver/told.ts";

export interface WebhookOptions extends HookSettings {
  /** An address, or a block that holds one, or `{ url, secret }`: `block("webhook/audit")`. */
  readonly url: TextOrBlock;
  /**
   * Signs each message as standardwebhooks.com says: `whsec_` and base64, better as a block:
   * `block("secret/webhook")`. Several sign with each of them, while one takes the place of another.
   * Without it the secret in the block of `url` signs, if there is one.
   */
  readonly secret?: TextOrBlock | readonly TextOrBlock[];
  /** Further headers, such as `authorization`. */
  readonly headers?: Readonly<Record<string, TextOrBlock>>;
}

/** Posts `{ type, timestamp, data }` as JSON, with the headers of Standard Webhooks. */
export function webhook({ url, secret = [], headers = {}, ...options }: WebhookOptions): Hook {
  const address = checked(url, "webhook({ url })");
  const secrets = [secret].flat().map((given) => checked(given, "webhook({ secret })"));
  return hook({
    name: "webhook",
    ...options,
    run: async (context) => {
      const target = await targetOf(address, context);
      const texts = secrets.map((given) => textOf(given, context, "the webhook's secret"));
      const body = JSON.stringify(bodyOf(context));
      const keys = texts.length === 0 ? target.secrets : await Promise.all(texts);
      const further = await headersOf(headers, context);
      await post({
        receiver: "the webhook",
        url: target.url,
        headers: { ...further, ...(await signed(context.delivery.id, body, keys)) },
        body,
        signal: context.signal,
        secrets: [...keys, ...Object.values(further)],
      });
    },
  });
}

interface Target {
  readonly url: string;
  readonly secrets: readonly string[];
}

async function targetOf(given: TextOrBlock, { blocks }: AnyContext): Promise<Target> {
  if (typeof given === "string") return { url: given, secrets: [] };
  const value = await blocks.load(given.reference);
  if (typeof value === "string") return { url: value, secrets: [] };
  const { url, secret } = v.parse(StoredTarget, value);
  return { url, secrets: secret === undefined ? [] : [secret] };
}

const StoredTarget = v.object({ url: v.string(), secret: v.optional(v.string()) });

function bodyOf(context: AnyContext) {
  const data = told(context);
  if (context.decision !== undefined) {
    const { kind, decidedAt } = context.decision;
    return { type: `decision.${kind}`, timestamp: decidedAt, data };
  }
  const { task, state } = context;
  const subject = task === undefined ? "run" : "task-run";
  return { type: `${subject}.${state.type.toLowerCase()}`, timestamp: state.at, data };
}

async function headersOf(
  headers: Readonly<Record<string, TextOrBlock>>,
  context: AnyContext,
): Promise<Record<string, string>> {
  const pairs = Object.entries(headers).map(async ([name, given]) => [
    name,
    await textOf(given, context, `the header ${name}`),
  ]);
  return Object.fromEntries(await Promise.all(pairs));
}

/** The time is the attempt's, not the transition's: receivers refuse what is minutes old. */
async function signed(
  id: string,
  body: string,
  secrets: readonly string[],
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const text = `${id}.${timestamp}.${body}`;
  const signatures = await Promise.all(secrets.map((secret) => signature(secret, text)));
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    ...(signatures.length === 0 ? {} : { "webhook-signature": signatures.join(" ") }),
  };
}

async function signature(secret: string, text: string): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", keyOf(secret), algorithm, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text));
  return `v1,${new Uint8Array(mac).toBase64()}`;
}

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const base64 = secret.trim().replace(/^whsec_/, "");
  if (!/^[A-Za-z0-9+/]{20,}={0,2}$/.test(base64)) {
    throw new Error(
      "Cannot sign with the webhook's secret: expected whsec_ and at least 16 bytes in base64",
    );
  }
  return Uint8Array.fromBase64(base64);
}
