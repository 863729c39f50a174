import { join } from "node:path";
import { configText } from "./configs.ts";

/** A config whose runs go through all kinds of deliveries, and what must be on record of them. */
export interface KillStory {
  readonly config: string;
  /** The flows of which each life asks a run. */
  readonly flows: readonly string[];
  /** When the schedule is due. */
  readonly dues: readonly number[];
  /** One line of JSON for each ringing of a function hook: `Told`. */
  readonly told: string;
  /** One line of JSON for each execution of a flow's body: `Executed`. */
  readonly executed: string;
}

export interface Told {
  readonly id: string;
  readonly attempt: number;
  readonly moment: string;
  readonly hook: string;
  /** The run, or the due time of a decision. */
  readonly about: string;
  readonly life: number;
}

export interface Executed {
  readonly run: string;
  readonly attempt: number;
  readonly life: number;
}

/** Which hooks each moment of a flow, or of a task (`flow/task`), or of its due times rings, by name. */
export const HOOKS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  plain: {
    onRunning: ["began"],
    onCompletion: ["posted", "noted"],
    onCrashed: ["crashed"],
    onAnyEnd: ["ended"],
  },
  "plain/work": { onCompletion: ["worked"], onCrashed: ["broken"] },
  again: {
    onRetry: ["retrying"],
    onCompletion: ["wobbly"],
    onCrashed: ["crashed"],
    onAnyEnd: ["posted"],
  },
  failing: { onFailure: ["posted", "wobbly"], onCrashed: ["crashed"] },
  timed: { onSkipped: ["skipped", "posted"], onMissed: ["skipped"], onAnyEnd: ["ended"] },
};

const WEBHOOKS = new Set(["posted"]);

/** Two due times follow each other so closely that the second finds the first one's run still going on. */
const PAIR_EVERY_MS = 1_000;
const PAIR_MS = 5;

export function killStory(
  { folder, url }: { readonly folder: string; readonly url: string },
  { from, forMs }: { readonly from: number; readonly forMs: number },
): KillStory {
  const told = join(folder, "told.jsonl");
  const executed = join(folder, "executed.jsonl");
  const pairs = Array.from({ length: forMs / PAIR_EVERY_MS }, (_, no) => from + no * PAIR_EVERY_MS);
  const dues = pairs.flatMap((at) => [at, at + PAIR_MS]);
  const code = `
    const retry = Array(30).fill("5ms");
    const life = process.pid;
    const note = (name) => ({ delivery, run, decision }) => appendFileSync(${JSON.stringify(told)}, JSON.stringify({
      id: delivery.id, attempt: delivery.attempt, moment: delivery.moment, hook: name, about: run?.id ?? decision.dueAt, life }) + "\\n");
    const told = (name) => hook({ name, retry, run: note(name) });
    const wobbly = hook({ name: "wobbly", retry, run: (context) => {
      note("wobbly")(context);
      if (context.delivery.attempt === 1) throw new Error("not at once");
    } });
    const posted = webhook({ name: "posted", url: ${JSON.stringify(url)}, retry, headers: { life: String(life) } });
    const executes = ({ run }) => appendFileSync(${JSON.stringify(executed)}, JSON.stringify({ run: run.id, attempt: run.attempt, life }) + "\\n");
    const work = task({ name: "work", ${hooksIn("plain/work")}, run: () => wait(1) });
    const plain = flow({ name: "plain", overlap: "allow", ${hooksIn("plain")},
      run: async (_, context) => { executes(context); await work(); } });
    const again = flow({ name: "again", overlap: "allow", retries: 1, retryDelay: "0s", ${hooksIn("again")},
      run: (_, context) => { executes(context); if (context.run.attempt === 1) throw new Error("once more"); } });
    const failing = flow({ name: "failing", overlap: "allow", ${hooksIn("failing")},
      run: (_, context) => { executes(context); throw new Error("never"); } });
    const timed = flow({ name: "timed", schedule: { at: Array.from({ length: ${pairs.length} }, (_, no) => ${from} + no * ${PAIR_EVERY_MS})
        .flatMap((at) => [at, at + ${PAIR_MS}]).map((at) => new Date(at).toISOString()) },
      ${hooksIn("timed")}, run: async (_, context) => { executes(context); await wait(15); } });`;
  const config = configText({ code, flows: ["plain", "again", "failing", "timed"] });
  return { config, flows: ["plain", "again", "failing"], dues, told, executed };
}

function hooksIn(owner: string): string {
  const moments = Object.entries(HOOKS[owner] ?? {});
  return moments
    .map(([moment, names]) => `${moment}: [${names.map(hookIn).join(", ")}]`)
    .join(", ");
}

function hookIn(name: string): string {
  return WEBHOOKS.has(name) || name === "wobbly" ? name : `told("${name}")`;
}
