import type { CrontabImport, ImportedFlow, Passage } from "./import-crontab.ts";
import { createNaming } from "./names.ts";
import { comment, constant, properties, type Source } from "./source.ts";

/** What the head of the file says of where it comes from. */
export interface Origin {
  /** What was imported, for people. */
  readonly source: string;
  readonly timezone: string;
  readonly home: string;
}

/** Writes the config: the crontab's flows, with its comments, in its order. */
export function writeConfig({ passages, flows }: CrontabImport, origin: Origin): string {
  const blocks = [head(origin, flows), ...bodyOf(passages), tail(flows)];
  return blocks.join("\n");
}

function head({ source, timezone, home }: Origin, flows: readonly ImportedFlow[]): string {
  const needs = (is: (flow: ImportedFlow) => boolean) => flows.some(is);
  const parts = [
    `/// <reference path="./.tocsin/tocsin.d.ts" />\nimport { command, defineConfig } from "tocsin";\n`,
    comment([
      `Made of ${source} by "tocsin import-crontab". Switch these lines off there when the daemon runs this`,
      "config, or everything is done twice.",
    ]),
    AS_CRON,
  ];
  if (needs((flow) => flow.cron !== undefined && flow.timezone === undefined)) {
    const why = comment([
      "crond goes by the clock of its machine; tocsin by the zone that is given.",
    ]);
    parts.push(`${why}${constant("timezone", timezone)}\n`);
  }
  if (needs((flow) => flow.cwd === undefined)) {
    const why = comment(["crond begins every command in the home folder of the crontab's owner."]);
    parts.push(`${why}${constant("home", home)}\n`);
  }
  if (needs((flow) => flow.cron === undefined)) parts.push(ABOUT_THREADS);
  if (needs(({ argv }) => GUARDED.test(argv.at(-1) ?? ""))) parts.push(ABOUT_GUARDS);
  return parts.join("\n");
}

const ABOUT_THREADS = `// What is started at boot often does not end. Here it keeps one of the daemon's threads (4 for each core) from
// all others; where there are many such lines, give defineConfig more: threads: 32.
`;

/** `test -x /usr/sbin/x && /usr/sbin/x`, as packages write it. */
const GUARDED = /^(?:\[|\[\[|test|command -v)\s.*&&/s;

const ABOUT_GUARDS = `// crond does not look at how a command ends; here a run of one that exits with another code than 0 has Failed.
// So has one of "test … && …" whose test is not true: write "if test …; then …; fi" where that is no failure.
`;

const AS_CRON = `// As crond does: a run begins though the one before goes on, and what was due while the machine was down is
// not made up for. Mostly better: overlap: "skip", and missed: { policy: "latest" }.
const asCron = { overlap: "allow", missed: { policy: "skip" } } as const;
`;

function bodyOf(passages: readonly Passage[]): readonly string[] {
  const environments = createEnvironments(passages);
  return passages.map((passage) => {
    if (passage.kind === "comment") return comment(passage.lines);
    const { flow } = passage;
    const environment = environments.of(flow);
    const definition = flowSource(flow, environment?.name);
    return environment?.source === undefined ? definition : `${environment.source}\n${definition}`;
  });
}

interface Environment {
  readonly name: string;
  /** Its definition, for the first flow that has it. */
  readonly source: string | undefined;
}

/** Flows with the same variables share a constant. */
function createEnvironments(passages: readonly Passage[]) {
  const naming = createNaming();
  for (const one of passages) if (one.kind === "flow") naming.constant(one.flow.names.constant);
  const known = new Map<string, string>();
  return {
    of({ env }: ImportedFlow): Environment | undefined {
      if (Object.keys(env).length === 0) return undefined;
      const key = JSON.stringify(env);
      const name = known.get(key);
      if (name !== undefined) return { name, source: undefined };
      const added = naming.constant("env");
      known.set(key, added);
      return { name: added, source: `${constant(added, new Map(Object.entries(env)))}\n` };
    },
  };
}

function flowSource(flow: ImportedFlow, environment: string | undefined): string {
  const { names, description, argv, stdin, cwd, line, original, remarks } = flow;
  const fields: (readonly [key: string, value: Source | undefined])[] = [
    ["...asCron", ""],
    ["name", names.flow],
    ["description", description],
    ["schedule", scheduleOf(flow)],
    ["argv", argv],
    ["env", environment === undefined ? undefined : { code: environment }],
    ["cwd", cwd ?? { code: "home" }],
    ["stdin", stdin],
  ];
  const given = fields.filter((field): field is [string, Source] => field[1] !== undefined);
  const notes = remarks.map((remark) => `Line ${line}: ${remark}`);
  const above = comment(original === undefined ? notes : [...notes, `  ${original}`]);
  const definition = properties(new Map(given), 2);
  return `${above}const ${names.constant} = command({\n${definition}});\n`;
}

function scheduleOf({ cron, timezone, jitter }: ImportedFlow): Source {
  const fields: (readonly [string, Source])[] =
    cron === undefined
      ? [["onStart", { code: "true" }]]
      : [
          ["cron", cron],
          ["timezone", timezone ?? { code: "timezone" }],
        ];
  if (jitter !== undefined) fields.push(["jitter", jitter]);
  return new Map(fields);
}

function tail(flows: readonly ImportedFlow[]): string {
  const names = flows.map(({ names }) => ({ code: names.constant }));
  const listed = properties(new Map([["flows", names]]), 2);
  return `export default defineConfig({\n${listed}});\n`;
}
