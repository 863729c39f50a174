/** A flow's name, and that of the constant that holds it. */
export interface Names {
  readonly flow: string;
  readonly constant: string;
}

/** Gives names that nothing else was given. */
export interface Naming {
  /** The names of the flow that starts a command. */
  flow(command: string): Names;
  /** A name for another constant. */
  constant(wanted: string): string;
}

/** The same commands in the same order get the same names. */
export function createNaming(): Naming {
  const flows = new Set<string>();
  const constants = new Set<string>(TAKEN);
  return {
    flow(command) {
      const flow = unused(nameOf(command), "-", flows);
      return { flow, constant: unused(constantOf(flow), "", constants) };
    },
    constant: (wanted) => unused(wanted, "", constants),
  };
}

/** Words of the language, and what the file itself defines. */
const TAKEN =
  "asCron command defineConfig home timezone arguments as async await break case catch class const continue debugger default delete do else enum eval export exports extends false finally for function if implements import in instanceof interface let new null package private protected public require return static super switch this throw true try typeof undefined var void while with yield".split(
    " ",
  );

const NAME_MAX = 60;

function unused(wanted: string, joint: string, taken: Set<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number += 1) name = `${wanted}${joint}${number}`;
  taken.add(name);
  return name;
}

const QUOTED = /'[^']*'|"(?:[^"\\]|\\.)*"/g;

/** `/usr/bin/test -x /opt/backup.sh && nice -n 19 /opt/backup.sh --all` is called `backup`. */
function nameOf(command: string): string {
  const plain = command.replace(QUOTED, (text) => text.replace(/[&|;(){}$`]/g, "_"));
  const outer = plain.replace(/\$\([^()]*\)|\$\{[^}]*\}|`[^`]*`/g, "");
  const parts = outer.split(/&&|\|\||[;|(){}]/).map(wordsOf);
  const program = parts.map(programIn).find((found) => found !== undefined) ?? fallback(parts);
  const slug = lastPart(program)
    .replace(/\.(?:sh|bash|py|pl|php|rb|js|ts|mjs)$/i, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{Nd}]+/gu, "-")
    .replace(/^-|-$/g, "");
  return [...slug].slice(0, NAME_MAX).join("") || "command";
}

/** Where everything only prepares, the last of it is what is done. */
function fallback(parts: readonly (readonly string[])[]): string {
  const words = parts.flatMap(([first = ""]) => (KEYWORDS.test(first) ? [] : [first]));
  return words.findLast((word) => /\p{L}/u.test(word)) ?? "";
}

function wordsOf(part: string): readonly string[] {
  return [...part.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? "",
  );
}

const KEYWORDS = /^(?:if|then|elif|else|do|while|until|!|exec|time|command)$/;
const GUARDS =
  /^(?:\[|\[\[|test|cd|pushd|:|true|false|export|set|umask|sleep|\.|source|fi|done|for|echo|-v)$/;
/** Programs that start another one: what they start gives the name. */
const STARTERS =
  /^(?:nice|ionice|nohup|setsid|chronic|cronic|timeout|flock|sudo|env|run-one|run-parts|chrt|taskset|stdbuf|logger|systemd-cat|sh|bash|dash|zsh|ksh|python[\d.]*|perl|php[\d.]*|ruby|node|deno|bun)$/;

/** What follows is a script, not a file that has one: `perl -e 'sleep 3'`. */
const SCRIPT = /^-[er]$/;

/** The word that names the program of a simple command; undefined for one that only prepares. */
function programIn(words: readonly string[]): string | undefined {
  const said = words.filter((word, index) => {
    const isAssigned = /^\w+=/.test(word) || words[index - 1] === "-u";
    return !isAssigned && !KEYWORDS.test(word);
  });
  const [program] = said;
  if (program === undefined || GUARDS.test(lastPart(program))) return undefined;
  if (!STARTERS.test(lastPart(program))) return program;
  if (said.some((word) => SCRIPT.test(word))) return undefined;
  return (
    said
      .slice(1)
      .filter(isWhatItStarts)
      .find((word) => !STARTERS.test(lastPart(word))) ?? program
  );
}

/** Not an option, a number or a file that a starter writes to. */
function isWhatItStarts(word: string): boolean {
  return /[\p{L}]/u.test(word) && !/^[-+>&<\d]|\.lock$/.test(word);
}

function constantOf(flow: string): string {
  const [first = "", ...rest] = flow.split(/[^\p{L}\p{Nd}]+/u).filter(Boolean);
  const words = rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const name = [first, ...words].join("");
  return /^\p{ID_Start}/u.test(name) ? name : `flow${name}`;
}

function lastPart(path: string): string {
  return path.replace(/\/+$/, "").replace(/^.*\//, "");
}
