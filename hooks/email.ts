import {
  type AnyContext,
  type Block,
  type ContextOf,
  type Hook,
  type HookSettings,
  hook,
  type Moment,
  outside,
  type RunMoment,
} from "../src/sdk/mod.ts";
import { bareAddress, checkedAddresses } from "./mail/addresses.ts";
import { type Mail, refusedBy, type Sent, sendMail } from "./mail/send-mail.ts";
import { portOf, readServer, type SmtpServer } from "./mail/smtp-server.ts";
import { cut } from "./receiver/cut.ts";
import { plainText, summaryOf } from "./receiver/summary.ts";

export interface EmailOptions<M extends Moment = RunMoment> extends HookSettings<M> {
  /**
   * The mail server: `block("smtp/NAME")`, an address such as `smtp://user:password@mail.example.org:587`, or
   * an object.
   */
  readonly smtp: string | Block | SmtpServer;
  /** `tocsin@example.org`, or `tocsin <tocsin@example.org>`. */
  readonly from: string;
  readonly to: string | readonly string[];
  readonly cc?: string | readonly string[];
  readonly bcc?: string | readonly string[];
  readonly replyTo?: string;
  /** What happened in a line by default. */
  readonly subject?: (context: ContextOf<M>) => string;
  /** What happened, why, and where to look by default. Plain text. */
  readonly text?: (context: ContextOf<M>) => string | Promise<string>;
}

const SUBJECT_MAX = 200;
const MESSAGE_MAX = 50_000;

/** Sends a mail by SMTP. It is delivered once the server has taken it for every recipient. */
export function email<const M extends Moment = RunMoment>(options: EmailOptions<M>): Hook {
  const { smtp, from, to, cc, bcc, replyTo, subject, text = describe, ...settings } = options;
  const server = isBlock(smtp) ? smtp : readServer(smtp, "email({ smtp })");
  const people = {
    ...checkedAddresses({ from: [from], to, cc, bcc, replyTo: replyTo ?? [] }),
    from,
    ...(replyTo === undefined ? {} : { replyTo }),
  };
  return hook({
    name: "email",
    ...settings,
    run: async (context) => {
      const mail = {
        ...people,
        id: `${context.delivery.id}@${bareAddress(from).replace(/^.*@/, "")}`,
        subject: cut(subject?.(context) ?? `[tocsin] ${summaryOf(context).title}`, SUBJECT_MAX),
        text: await text(context),
      };
      await deliver(mail, await loaded(server, context), context);
    },
  });
}

function isBlock(given: EmailOptions["smtp"]): given is Block {
  return typeof given === "object" && given !== null && "kind" in given && given.kind === "block";
}

async function loaded(server: Block | SmtpServer, { blocks }: AnyContext): Promise<SmtpServer> {
  if (!isBlock(server)) return server;
  return readServer(await blocks.load(server.reference), `block "${server.reference}"`);
}

/**
 * Who has been sent a delivery's mail while others were refused: further attempts in this thread leave them
 * out. It may be lost, so the message's id stays the same, too.
 */
const reached = new Map<string, readonly string[]>();
const REACHED_MAX = 1_000;

async function deliver(
  mail: Omit<Mail, "recipients">,
  server: SmtpServer,
  { delivery, signal, log }: AnyContext,
): Promise<void> {
  const before = reached.get(delivery.id) ?? [];
  const all = [...new Set([...mail.to, ...mail.cc, ...mail.bcc].map(bareAddress))];
  const recipients = all.filter((address) => !before.includes(address));
  const at = `${server.host}:${portOf(server)}`;
  const sent = await outside<Sent>({
    request: `SMTP ${at}: mail to ${recipients.join(", ")}`,
    detail: `Subject: ${mail.subject}\n\n${mail.text}`,
    act: () => sendMail({ ...mail, recipients }, server, signal),
    answerOf: ({ response }) => response,
    whenTried: { response: "", accepted: recipients, refused: [] },
  });
  if (sent.refused.length === 0) {
    reached.delete(delivery.id);
    log.info(`sent to ${recipients.join(", ")}`);
    return;
  }
  remember(delivery.id, [...before, ...sent.accepted]);
  throw refusedBy(`"${at}"`, sent.refused, sent.accepted);
}

function remember(deliveryId: string, addresses: readonly string[]): void {
  reached.set(deliveryId, addresses);
  const [oldest] = reached.keys();
  if (reached.size > REACHED_MAX && oldest !== undefined) reached.delete(oldest);
}

function describe(context: AnyContext): string {
  const summary = summaryOf(context);
  const text = plainText({ ...summary, message: cut(summary.message, MESSAGE_MAX) });
  return `${summary.title}\n\n${text}\n\n${summary.url}\n`;
}
