import { type Command, Option } from "commander";
import type { TokenScope } from "../domain/tokens.ts";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { perform } from "./session.ts";
import { withTokens } from "./with-tokens.ts";

/** `tocsin token new`, `ls` and `revoke`: of the running daemon, or of the store where none runs. */
export function addTokenGroup(program: Command, context: Context): void {
  const group = program.command("token").description("tokens that let others ask the daemon");
  addNew(group, context);
  addLs(group, context);
  addRevoke(group, context);
}

interface NewOptions extends StoreOptions {
  readonly scope: TokenScope;
}

function addNew(group: Command, context: Context): void {
  addStoreOptions(group.command("new").description("make a token and print it, this once"))
    .argument("<name>", "whose it is, or what for")
    .addOption(
      new Option("--scope <scope>", "what it allows: to look, or also to change everything")
        .choices(["read", "write"])
        .default("read"),
    )
    .action(
      perform<NewOptions>(context, (session, options) =>
        withTokens(session, options, async (tokens) => {
          const { printer, args } = session;
          const made = await tokens.make({ name: args[0] ?? "", scope: options.scope });
          printer.document(made, () => printer.line(made.token));
          printer.note(`Token ${made.name} may ${made.scope}; it is shown only this once`);
          const { items } = await tokens.list();
          if (items.length > 1) return;
          printer.note(
            "From now on every request needs a token, but those of commands that can read the store",
          );
        }),
      ),
    );
}

function addLs(group: Command, context: Context): void {
  addStoreOptions(group.command("ls").description("list tokens, without the tokens")).action(
    perform<StoreOptions>(context, (session, options) =>
      withTokens(session, options, async (tokens) => {
        const { printer } = session;
        const page = await tokens.list();
        printer.list(page, () => ({
          head: ["NAME", "SCOPE", "CREATED", "BY", "LAST USED"],
          rows: page.items.map(({ name, scope, createdAt, createdBy, lastUsedAt }) => [
            name,
            scope,
            printer.time(createdAt),
            createdBy,
            printer.time(lastUsedAt),
          ]),
        }));
        if (page.items.length === 0) {
          printer.note("There are no tokens; make one with: tocsin token new NAME");
        }
      }),
    ),
  );
}

function addRevoke(group: Command, context: Context): void {
  addStoreOptions(group.command("revoke").description("make a token worth nothing, at once"))
    .argument("<name>")
    .action(
      perform<StoreOptions>(context, (session, options) =>
        withTokens(session, options, async (tokens) => {
          const name = session.args[0] ?? "";
          await tokens.revoke(name);
          session.printer.document({ name, result: "revoked" }, () => undefined);
          session.printer.note(`Revoked token ${name}`);
        }),
      ),
    );
}
