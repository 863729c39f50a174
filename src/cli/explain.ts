import type { Command } from "commander";
import { commandAfter } from "./after-explain.ts";
import type { Context } from "./context.ts";
import { scheduleClientOver } from "./schedule-client.ts";
import { perform, type Session } from "./session.ts";
import { pastTime } from "./times.ts";

interface ExplainOptions {
  readonly at?: string;
}

/** `tocsin explain` */
export function addExplain(program: Command, context: Context): void {
  program
    .command("explain")
    .description("why a flow did, or did not, run at a time; by default at its latest due time")
    .argument("<flow>", "name of the flow")
    .option("--at <time>", "when: 2026-01-31T08:00:00Z, or 2h for two hours ago; also ahead")
    .action(perform(context, explain));
}

async function explain(session: Session, { at }: ExplainOptions): Promise<number> {
  const { way, printer, args, context } = session;
  const time = at === undefined ? undefined : pastTime("--at", at, context.now());
  const answer = await scheduleClientOver(await way()).explain(args[0] ?? "", time);
  printer.document(answer, () => {
    printer.line(printer.paint("bold", `${printer.safe(answer.facts.flow)}: ${answer.verdict}`));
    for (const sentence of answer.sentences) printer.line(printer.safe(sentence));
  });
  const next = commandAfter(answer);
  if (next !== undefined) printer.next(next);
  return 0;
}
