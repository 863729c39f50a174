import * as v from "valibot";
import type { ConfigProblem } from "../domain/flow.ts";
import type { Site } from "../sdk/definition-site.ts";
import { described, unknownOptions } from "./config-values.ts";
import { siteText } from "./import-problems.ts";

/** One thing of a config that is being read: what people call it, where it stands, where it is defined. */
export interface Subject {
  /** `flow "report"`, `task "extract"`, `hook module "./hooks/audit.ts"`. */
  readonly title: string;
  /** Path into the config: `flows[1]`. */
  readonly path: string;
  readonly site: Site | undefined;
}

/** Collects what is wrong with a config. */
export interface Findings {
  readonly problems: readonly ConfigProblem[];
  /** `why` finishes the sentence "Cannot read ‹title›: …". */
  add(subject: Subject, within: string, why: string): void;
  /** Reads an object by its schema; undefined when something is wrong, which is noted. */
  read<Schema extends v.ObjectSchema<v.ObjectEntries, undefined>>(
    subject: Subject,
    schema: Schema,
    given: unknown,
  ): v.InferOutput<Schema> | undefined;
}

export function findings(configPath: string): Findings {
  const problems: ConfigProblem[] = [];
  const add: Findings["add"] = ({ title, path, site }, within, why) => {
    problems.push({
      path: joined(path, within),
      message: `Cannot read ${title}: ${why}`,
      ...(site === undefined ? {} : { at: siteText(site, configPath) }),
    });
  };
  return {
    problems,
    add,
    read: (subject, schema, given) => readObject({ subject, add }, schema, given),
  };
}

function readObject<Schema extends v.ObjectSchema<v.ObjectEntries, undefined>>(
  { subject, add }: { readonly subject: Subject; readonly add: Findings["add"] },
  schema: Schema,
  given: unknown,
): v.InferOutput<Schema> | undefined {
  if (typeof given !== "object" || given === null) {
    add(subject, "", `it is ${described(given)}, expected an object with options`);
    return undefined;
  }
  const unknown = unknownOptions(given, Object.keys(schema.entries));
  for (const { key, message } of unknown) add(subject, key, message);
  const parsed = v.safeParse(schema, given);
  for (const issue of parsed.issues ?? []) add(subject, pathOf(issue), sentence(issue, schema));
  return parsed.success && unknown.length === 0 ? parsed.output : undefined;
}

function sentence(
  issue: v.BaseIssue<unknown>,
  schema: v.ObjectSchema<v.ObjectEntries, undefined>,
): string {
  if (issue.type === "strict_object" && issue.expected === "never") {
    return `there is no option "${pathOf(issue)}"; expected ${issue.message}`;
  }
  return `${pathOf(issue)} is ${described(issue.input)}, expected ${expectedBy(issue, schema)}`;
}

/** A missing option is an issue of the object: what was expected is then known to the option's own schema. */
function expectedBy(
  issue: v.BaseIssue<unknown>,
  schema: v.ObjectSchema<v.ObjectEntries, undefined>,
): string {
  const [key] = issue.path ?? [];
  const entry = schema.entries[String(key?.key)];
  if (issue.type !== "object" || issue.input !== undefined || entry === undefined)
    return issue.message;
  return v.safeParse(entry, undefined).issues?.[0].message ?? issue.message;
}

function pathOf({ path }: v.BaseIssue<unknown>): string {
  return (path ?? []).reduce(
    (text, { key }) => joined(text, typeof key === "number" ? `[${key}]` : String(key)),
    "",
  );
}

function joined(path: string, within: string): string {
  if (path === "" || within === "" || within.startsWith("[")) return path + within;
  return `${path}.${within}`;
}
