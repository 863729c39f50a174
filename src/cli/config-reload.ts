import type { Command } from "commander";
import type { Api, Reloaded } from "./client.ts";
import type { Context } from "./context.ts";
import { CliFailure } from "./failure.ts";
import type { Printer } from "./printer.ts";
import { perform } from "./session.ts";

/** `tocsin config reload` */
export function addConfigReload(config: Command, context: Context): void {
  config
    .command("reload")
    .description("have the daemon read its config again; exit code 6 when it has problems")
    .action(
      perform(context, async ({ api, printer }) => {
        const answer = await reload(await api(), printer);
        const { generation, changed, flows } = answer;
        const what = changed ? "accepted" : "accepted, the same as before";
        printer.document(answer, () =>
          printer.line(
            `generation ${generation} ${what}: ${flows} ${flows === 1 ? "flow" : "flows"}`,
          ),
        );
        return 0;
      }),
    );
}

/** A refusal is an answer too: programs get it as JSON, with the problems. */
async function reload(api: Api, printer: Printer): Promise<Reloaded> {
  try {
    return await api.reload();
  } catch (error) {
    if (error instanceof CliFailure && error.answer !== undefined) {
      printer.document(error.answer, () => undefined);
    }
    throw error;
  }
}
