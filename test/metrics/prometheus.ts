/** One metric of an exposition, as Prometheus reads it. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly ReadSample[];
}

export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const VALUE = /^(?:[+-]?Inf|NaN|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

/**
 * Reads Prometheus' text format (version 0.0.4) and throws at everything that it does not allow, or that a
 * scraper would stumble over: no HELP or TYPE before the samples, samples apart, the same sample twice, wrong
 * escapes, buckets that do not add up.
 */
export function readExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith("\n")) throw new Error("The last line has no line feed");
  const families = new Map<string, Draft>();
  for (const line of text.slice(0, -1).split("\n")) {
    if (line.startsWith("#")) readComment(line, families);
    else addSample(line, families);
  }
  for (const family of families.values()) check(family);
  return families;
}

interface Draft {
  readonly name: string;
  readonly help: string;
  type: string;
  readonly samples: ReadSample[];
}

function readComment(line: string, families: Map<string, Draft>): void {
  const [, keyword, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
  if (keyword === "HELP") addFamily(name, rest, families);
  else setType(line, { name, type: rest }, [...families.values()].at(-1));
}

function addFamily(name: string, help: string, families: Map<string, Draft>): void {
  if (families.has(name)) throw new Error(`Two groups of ${name}`);
  if (!NAME.test(name)) throw new Error(`No name of a metric: ${name}`);
  if (!/^(?:[^\\]|\\[\\n])*$/.test(help)) throw new Error(`Wrong escape in the help of ${name}`);
  families.set(name, { name, help, type: "", samples: [] });
}

function setType(line: string, { name, type }: Pick<Draft, "name" | "type">, last?: Draft): void {
  if (last?.name !== name || last.type !== "") throw new Error(`TYPE apart: ${line}`);
  if (!["counter", "gauge", "histogram"].includes(type)) throw new Error(`No type: ${type}`);
  last.type = type;
}

function addSample(line: string, families: ReadonlyMap<string, Draft>): void {
  const sample = readSample(line);
  const last = [...families.values()].at(-1);
  if (last === undefined || last.type === "") throw new Error(`No TYPE before: ${line}`);
  if (!belongs(sample.name, last)) throw new Error(`Sample apart: ${line}`);
  last.samples.push(sample);
}

function belongs(name: string, family: Family): boolean {
  if (family.type !== "histogram") return name === family.name;
  return ["_bucket", "_sum", "_count"].some((suffix) => name === family.name + suffix);
}

function readSample(line: string): ReadSample {
  const [, name = "", labels = "", value = ""] = LINE.exec(line) ?? [];
  if (name === "" || !VALUE.test(value)) throw new Error(`No sample: ${line}`);
  return { name, labels: readLabels(labels, line), value: numberOf(value) };
}

function numberOf(text: string): number {
  return text.endsWith("Inf") ? Number(text.replace("Inf", "Infinity")) : Number(text);
}

function readLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== "") {
    const [whole = "", name = "", value = "", comma] =
      /^([^=]+)="((?:[^"\\]|\\["\\n])*)"(,)?/.exec(rest) ?? [];
    if (whole === "" || !LABEL.test(name)) throw new Error(`Wrong labels: ${line}`);
    if (name in labels) throw new Error(`Label ${name} twice: ${line}`);
    labels[name] = value.replace(/\\(.)/g, (_, sign: string) => (sign === "n" ? "\n" : sign));
    rest = rest.slice(whole.length);
    if (comma === undefined && rest !== "") throw new Error(`Wrong labels: ${line}`);
  }
  return labels;
}

function check(family: Family): void {
  const keys = family.samples.map(({ name, labels }) => JSON.stringify([name, sorted(labels)]));
  if (new Set(keys).size < keys.length) throw new Error(`A sample of ${family.name} twice`);
  if (family.type === "counter") {
    if (!family.name.endsWith("_total")) throw new Error(`A counter named ${family.name}`);
    if (family.samples.some(({ value }) => value < 0)) throw new Error(`${family.name} below 0`);
  }
  if (family.type === "histogram") checkBuckets(family);
}

function sorted(labels: Readonly<Record<string, string>>) {
  return Object.entries(labels).toSorted(([one], [other]) => one.localeCompare(other));
}

function checkBuckets({ name, samples }: Family): void {
  const series = Map.groupBy(samples, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels));
  for (const [key, own] of series) checkSeries(`${name}${key}`, name, own);
}

function checkSeries(where: string, name: string, own: readonly ReadSample[]): void {
  const of = (suffix: string) => own.filter((sample) => sample.name === name + suffix);
  const bounds = of("_bucket").map(({ labels }) => numberOf(labels["le"] ?? ""));
  const counts = of("_bucket").map(({ value }) => value);
  if (!isGrowing(bounds) || !isGrowing(counts)) throw new Error(`${where} does not grow`);
  if (bounds.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`${where} has no +Inf`);
  if (of("_count").length !== 1 || of("_sum").length !== 1) throw new Error(`${where}: sum`);
  if (counts.at(-1) !== of("_count")[0]?.value) throw new Error(`${where}: +Inf is not count`);
}

function isGrowing(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || number >= (numbers[index - 1] ?? 0));
}
