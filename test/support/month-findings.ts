import type { Store } from "../../src/store/open-store.ts";

/** A step of a run, with what may limit it. */
interface Step {
  readonly type: string;
  readonly no: number;
  readonly flow: string;
  readonly exclusive: number;
  readonly tags: string;
}

const OVER = ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"];
const HELD = ["PENDING", "RUNNING", "CANCELLING"];

/** How many runs a flow, or a tag, may have at most. */
export interface Sizes {
  readonly tags: Readonly<Record<string, number>>;
  /** Runs of a flow that must not overlap, by flow; 1 where it is not named. */
  readonly flows: Readonly<Record<string, number>>;
}

/** Moments in which more runs went on together than may, as their transitions tell in the order of the commits. */
export function sideBySide({ reader }: Pick<Store, "reader">, sizes: Sizes): readonly string[] {
  const steps = reader.all<Step>(
    `SELECT type, run.no AS no, flow, exclusive, tags FROM transition JOIN run ON run.no = run_no
     WHERE task_no IS NULL ORDER BY seq`,
  );
  const going = new Map<string, Set<number>>();
  return steps.flatMap((step) => {
    const limits = [...tagsOf(step, sizes), ...flowOf(step, sizes)];
    return limits.flatMap(({ name, size, isIn }) => {
      const runs = going.get(name) ?? new Set();
      going.set(name, runs);
      if (isIn === undefined) return [];
      if (isIn) runs.add(step.no);
      else runs.delete(step.no);
      return runs.size > size ? [`${name}: ${[...runs].join(", ")}`] : [];
    });
  });
}

interface Limited {
  readonly name: string;
  readonly size: number;
  /** Whether the run takes it up from this step on; undefined where nothing changes. */
  readonly isIn: boolean | undefined;
}

/** A tag's limit is taken up while an executor has the run. */
function tagsOf({ type, tags }: Step, sizes: Sizes): readonly Limited[] {
  return (JSON.parse(tags) as readonly string[]).map((tag) => ({
    name: `tag:${tag}`,
    size: sizes.tags[tag] ?? Number.POSITIVE_INFINITY,
    isIn: HELD.includes(type),
  }));
}

/** The place in its flow is kept from the first claim to the end. */
function flowOf({ type, flow, exclusive }: Step, sizes: Sizes): readonly Limited[] {
  if (exclusive === 0) return [];
  const isIn = HELD.includes(type) ? true : OVER.includes(type) ? false : undefined;
  return [{ name: `overlap:${flow}`, size: sizes.flows[flow] ?? 1, isIn }];
}

/** Attempts, each a line of run and number, that were executed again though nothing had ended them. */
export function executedTwice(
  { reader }: Pick<Store, "reader">,
  lines: readonly string[],
): readonly string[] {
  const crashed = reader.all<{ id: string }>("SELECT id FROM run WHERE crashes > 0");
  const again = new Set(crashed.map(({ id }) => id));
  const seen = new Set<string>();
  return lines.filter((line) => {
    const isKnown = seen.has(line);
    seen.add(line);
    return isKnown && !again.has(line.split(" ")[0] ?? "");
  });
}
