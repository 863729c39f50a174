import { type Command, InvalidArgumentError, Option } from "commander";

/** The options that every command takes, before or after its name. */
export interface Globals {
  readonly server: string;
  /** A file with the token to show, for a daemon that wants one. */
  readonly tokenFile?: string;
  readonly json?: boolean;
  readonly jsonl?: boolean;
  readonly color: "auto" | "always" | "never";
  /** False with --no-input: never ask. */
  readonly input: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  /** Undefined: relative for people, ISO 8601 for programs. */
  readonly timeFormat?: "relative" | "iso";
}

const SERVER_DEFAULT = "http://127.0.0.1:8627";

export function addGlobalOptions(program: Command): void {
  const server = new Option(
    "--server <url>",
    "address of the daemon; by default that of the one that works on the store here",
  );
  program
    .addOption(server.env("TOCSIN_SERVER").default(SERVER_DEFAULT).argParser(webAddress))
    .option(
      "--token-file <file>",
      "a file with the token that the daemon wants; not needed where its store can be read (env: TOCSIN_TOKEN_FILE)",
    )
    .option("--json", "print the API's answer as JSON")
    .option("--jsonl", "print one JSON document a line")
    .addOption(
      new Option("--color <when>", "colour the output")
        .choices(["auto", "always", "never"])
        .default("auto"),
    )
    .option("--no-input", "never ask a question")
    .option("-q, --quiet", "print data and errors only")
    .option("-v, --verbose", "print more about what is done")
    .addOption(
      new Option("--time-format <format>", "how times are shown").choices(["relative", "iso"]),
    );
}

function webAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new InvalidArgumentError("It is not an http:// or https:// address.");
  }
  return url.href.replace(/\/+$/, "");
}
