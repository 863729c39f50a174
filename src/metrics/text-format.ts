/** What a metric is called, and what it tells. */
export interface Meta {
  /** A counter's ends in `_total`; units are in it: `_seconds`, `_bytes`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

/** The values of a metric's labels, in the order of their names, and the sample's own value. */
export type Sample = readonly [labels: readonly string[], value: number];

/** Counts things from the start of the process on. */
export interface Counter {
  add(labels: readonly string[], by?: number): void;
  /** Lets a series begin at 0, so that its first increase is seen as one. */
  begin(labels: readonly string[]): void;
  /** Drops the series that are not wanted any more. */
  keep(isWanted: (labels: readonly string[]) => boolean): void;
  text(): string;
}

export interface Histogram {
  observe(labels: readonly string[], value: number): void;
  keep(isWanted: (labels: readonly string[]) => boolean): void;
  text(): string;
}

export function createCounter(meta: Meta): Counter {
  const series = new Map<string, Counted>();
  const of = (labels: readonly string[]) =>
    seriesOf(series, labels, () => ({ labels, value: 0, head: undefined }));
  return {
    add(labels, by = 1) {
      of(labels).value += by;
    },
    begin: (labels) => void of(labels),
    keep: (isWanted) => keepIn(series, isWanted),
    text() {
      const lines = [...series.values()].map((one) => {
        one.head ??= headOf(meta, "", one.labels);
        return one.head + numberText(one.value);
      });
      return metricText("counter", meta, lines);
    },
  };
}

interface Counted {
  readonly labels: readonly string[];
  value: number;
  /** Its line up to the value, the same every time: made when it is first read, as counting is in everybody's way. */
  head: string | undefined;
}

export function gaugeText(meta: Meta, samples: readonly Sample[]): string {
  return metricText("gauge", meta, linesOf(meta, samples));
}

export function counterText(meta: Meta, samples: readonly Sample[]): string {
  return metricText("counter", meta, linesOf(meta, samples));
}

interface Observed {
  readonly labels: readonly string[];
  /** How many were at most as large as each bucket, but larger than the one before. */
  readonly counts: number[];
  sum: number;
  count: number;
  /** The lines of the buckets, of the sum and of the count, up to their values: made when they are first read. */
  heads: readonly string[] | undefined;
}

/** `buckets` are upper bounds, growing; there is one more for all that is larger. */
export function createHistogram(meta: Meta, buckets: readonly number[]): Histogram {
  const series = new Map<string, Observed>();
  return {
    observe(labels, value) {
      const one = seriesOf(series, labels, () => newlyObserved(buckets, labels));
      const bucket = buckets.findIndex((bound) => value <= bound);
      if (bucket >= 0) one.counts[bucket] = (one.counts[bucket] ?? 0) + 1;
      one.sum += value;
      one.count += 1;
    },
    keep: (isWanted) => keepIn(series, isWanted),
    text() {
      const lines = [...series.values()].flatMap((one) => {
        one.heads ??= headsOf(meta, buckets, one.labels);
        return histogramLines(one, one.heads);
      });
      return metricText("histogram", meta, lines);
    },
  };
}

function newlyObserved(buckets: readonly number[], labels: readonly string[]): Observed {
  return {
    labels,
    counts: new Array<number>(buckets.length).fill(0),
    sum: 0,
    count: 0,
    heads: undefined,
  };
}

function headsOf(
  meta: Meta,
  buckets: readonly number[],
  labels: readonly string[],
): readonly string[] {
  const withBound = { ...meta, labels: [...(meta.labels ?? []), "le"] };
  const bounds = [...buckets.map(String), "+Inf"];
  return [
    ...bounds.map((bound) => headOf(withBound, "_bucket", [...labels, bound])),
    headOf(meta, "_sum", labels),
    headOf(meta, "_count", labels),
  ];
}

function histogramLines(
  { counts, sum, count }: Observed,
  heads: readonly string[],
): readonly string[] {
  let below = 0;
  const growing = counts.map((own) => {
    below += own;
    return below;
  });
  return [...growing, count, sum, count].map((value, at) => (heads[at] ?? "") + numberText(value));
}

function seriesOf<One>(series: Map<string, One>, labels: readonly string[], make: () => One): One {
  const [first = ""] = labels;
  const key = labels.length < 2 ? first : labels.join("\0");
  const known = series.get(key);
  if (known !== undefined) return known;
  const made = make();
  series.set(key, made);
  return made;
}

function keepIn(
  series: Map<string, { readonly labels: readonly string[] }>,
  isWanted: (labels: readonly string[]) => boolean,
): void {
  for (const [key, { labels }] of series) if (!isWanted(labels)) series.delete(key);
}

function linesOf(meta: Meta, samples: readonly Sample[]): readonly string[] {
  return samples.map(([labels, value]) => headOf(meta, "", labels) + numberText(value));
}

function metricText(type: string, { name, help }: Meta, lines: readonly string[]): string {
  const shown = help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return [`# HELP ${name} ${shown}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n");
}

function headOf({ name, labels: names = [] }: Meta, suffix: string, labels: readonly string[]) {
  return `${name}${suffix}${labelText(names, labels)} `;
}

function labelText(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return "";
  const pairs = names.map((name, index) => `${name}="${escaped(values[index] ?? "")}"`);
  return `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value
    .toWellFormed()
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replaceAll('"', '\\"');
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
}
