import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import type { Context } from "./context.ts";
import { configOption } from "./daemon-options.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { perform, type Session } from "./session.ts";

interface PmOptions {
  readonly config: string;
  readonly exact?: boolean;
}

/** `tocsin pm add|remove`: packages that a config imports, without a toolchain on the machine. */
export function addPmGroup(program: Command, context: Context): void {
  const pm = program.command("pm").description("packages for the config to import");
  pm.command("add")
    .description("install packages beside the config, from the registry that the environment names")
    .argument("<package...>", "name, name@version, or a folder")
    .option("--exact", "keep exactly this version")
    .addOption(configOption())
    .action(
      perform<PmOptions>(context, (session, options) =>
        change(session, options, ["add", ...(options.exact === true ? ["--exact"] : [])]),
      ),
    );
  pm.command("remove")
    .description("remove packages that lie beside the config")
    .argument("<package...>", "name")
    .addOption(configOption())
    .action(
      perform<PmOptions>(context, (session, options) => change(session, options, ["remove"])),
    );
}

async function change(
  { args, context, printer }: Session,
  { config }: PmOptions,
  order: readonly string[],
): Promise<number> {
  if (process.versions.bun === undefined) {
    const why = "this program does not run on bun; use the package manager of its runtime";
    throw new CliFailure(`Cannot ${order[0]} packages: ${why}`, EXIT.failed);
  }
  const flag = args.find((name) => name.startsWith("-"));
  if (flag !== undefined) {
    throw new CliFailure(`Cannot ${order[0]} package "${flag}": it is no name`, EXIT.usage);
  }
  const folder = dirname(resolve(config));
  await ensureManifest(folder);
  // Where it was started from, a folder among the names is meant from there.
  const names = args.map((name) => (/^\.{1,2}\//.test(name) ? resolve(name) : name));
  const ended = await runBun([...order, ...names], folder, context);
  if (ended.code !== 0) {
    const [last = "it failed"] = ended.errors.trim().split("\n").slice(-1);
    const why = last.replace(/^error: /, "");
    throw new CliFailure(`Cannot ${order[0]} ${args.join(", ")}: ${why}`, EXIT.failed);
  }
  const done = order[0] === "add" ? "added" : "removed";
  printer.document({ folder, [done]: args }, () =>
    printer.line(printer.safe(`${done} ${args.join(", ")} in ${folder}`)),
  );
  if (done === "added") printer.next("tocsin check");
  return EXIT.ok;
}

/** Without one, the package manager would take that of a folder above. */
async function ensureManifest(folder: string): Promise<void> {
  const path = join(folder, "package.json");
  if (!existsSync(folder)) {
    throw new CliFailure(
      `Cannot install packages in "${folder}": there is no such folder`,
      EXIT.notFound,
    );
  }
  if (!existsSync(path)) await writeFile(path, '{\n  "private": true,\n  "type": "module"\n}\n');
}

interface Ended {
  readonly code: number | null;
  readonly errors: string;
}

/** The binary becomes the bun command when BUN_BE_BUN is set: for this child only, and not for flows. */
function runBun(args: readonly string[], cwd: string, { env, stderr }: Context): Promise<Ended> {
  return new Promise((settle, reject) => {
    const child = spawn(process.execPath, [...args], {
      cwd,
      env: { ...env, BUN_BE_BUN: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => stderr.write(text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
      stderr.write(text);
    });
    child.once("error", reject);
    child.once("close", (code) => settle({ code, errors }));
  });
}
