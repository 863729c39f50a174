import type { Command } from "commander";
import type { Context } from "./context.ts";
import { perform } from "./session.ts";

/** `tocsin config reload` */
export function addConfigReload(config: Command, context: Context): void {
  config
    .command("reload")
    .description("have the daemon read its config again; exit code 6 when it has problems")
    .action(
      perform(context, async ({ api, printer }) => {
        const answer = await (await api()).reload();
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
