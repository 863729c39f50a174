import { describe, expect, test } from "bun:test";
import { cloudRunJob } from "../../hooks/cloud-run-job.ts";
import { command } from "../../hooks/command.ts";
import { email } from "../../hooks/email.ts";
import type { DeliveryId } from "../../src/domain/ids.ts";
import type { Hook } from "../../src/sdk/mod.ts";
import type { AskedOutside } from "../../src/sdk/outside-notes.ts";
import { withinScope } from "../../src/sdk/scope.ts";
import { aContext, ring, type Told } from "./context.ts";
import { aMailSink, PASSWORD, USER } from "./mail-sink.ts";

const PEOPLE = { from: "tocsin@example.org", to: "ann@example.org" };

describe("what a hook does outside, other than by fetch,", () => {
  test("is noted with the attempt: what was asked, and what came back", async () => {
    await using sink = await aMailSink();
    const mail = email({ smtp: `smtp://127.0.0.1:${sink.port}?tls=off`, ...PEOPLE });

    const [sent] = await noted(mail);
    const [failed] = await noted(command({ argv: ["sh", "-c", "exit 3"] }));
    const [missing] = await noted(cloudRunJob({ job: "x", gcloud: "/nowhere/gcloud" }));

    expect([sent?.request, sent?.answer]).toEqual([
      `SMTP 127.0.0.1:${sink.port}: mail to ann@example.org`,
      "250 2.0.0 kept as 4711",
    ]);
    expect([failed?.request, failed?.answer]).toEqual(["sh -c exit 3", "exited with code 3"]);
    expect(missing?.request).toBe("/nowhere/gcloud run jobs delete x --quiet");
    expect(missing?.answer).toStartWith('Cannot start "/nowhere/gcloud": there is no such program');
  });

  test("is noted without secrets when it fails", async () => {
    const smtp = { host: "127.0.0.1", port: 9, user: USER, password: PASSWORD };

    const notes = await noted(email({ smtp, ...PEOPLE }));

    expect(notes[0]?.answer).toStartWith('Cannot send mail by "127.0.0.1:9": ');
    expect(JSON.stringify(notes)).not.toContain(PASSWORD);
  });

  test("is only shown when the hook is tried", async () => {
    await using sink = await aMailSink();
    const smtp = `smtp://127.0.0.1:${sink.port}?tls=off`;
    const told = aContext();

    const [mail] = await noted(email({ smtp, ...PEOPLE }), { dry: true, told });
    const [program] = await noted(command({ argv: ["/nowhere"] }), { dry: true, told });
    const [gcloud] = await noted(cloudRunJob({ job: "x", region: "r" }), { dry: true, told });

    expect(sink.letters).toEqual([]);
    expect(mail?.detail).toStartWith("Subject: [tocsin] Run");
    expect(program?.detail).toContain('"moment":"onFailure"');
    expect(gcloud?.request).toBe("gcloud run jobs delete x --region=r --quiet");
    expect([mail?.answer, program?.answer, gcloud?.answer]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

interface Note extends AskedOutside {
  answer?: string;
}

/** Rings the hook as its thread does, and answers what it did outside. */
async function noted(
  hook: Hook,
  { dry = false, told = aContext() }: { readonly dry?: boolean; readonly told?: Told } = {},
): Promise<readonly Note[]> {
  const notes: Note[] = [];
  const begin = (asked: AskedOutside) => {
    const note: Note = { ...asked };
    notes.push(note);
    return (answer: string) => {
      note.answer = answer;
    };
  };
  const scope = {
    owner: { deliveryId: told.context.delivery.id as DeliveryId },
    signal: told.context.signal,
    write: () => {},
    request: () => Promise.reject(new Error("no daemon")),
    outside: { dry, begin },
  };
  const thrown = await withinScope(scope, () => ring(hook, told));
  if (dry) expect(thrown).toBeUndefined();
  return notes;
}
