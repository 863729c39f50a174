import type { Executor, Offer, OfferAnswer } from "../domain/executor.ts";
import type { Generation } from "../domain/flow.ts";
import type { Log } from "../log.ts";

type Isolation = "thread" | "process";

/** Two executors as one: each run goes to the one that its flow asks for. */
export function routeExecutors(
  threads: Executor,
  processes: Executor,
  isolationOf: (flow: string) => Isolation,
): Executor {
  const both = [threads, processes];
  return {
    name: both.map(({ name }) => name).join(" and "),
    can: {
      hardKill: both.every(({ can }) => can.hardKill),
      memoryLimit: both.some(({ can }) => can.memoryLimit),
      survivesControl: both.every(({ can }) => can.survivesControl),
    },
    offer: (offers) => route({ threads, processes }, offers, isolationOf),
    cancel(runId, graceMs) {
      for (const executor of both) executor.cancel(runId, graceMs);
    },
    warm: () => threads.warm(),
    health() {
      const [first, second] = [threads.health(), processes.health()];
      return {
        threads: first.threads + second.threads,
        busy: first.busy + second.busy,
        stuck: first.stuck + second.stuck,
      };
    },
    held: () => both.flatMap((executor) => executor.held()),
    async stop(graceMs) {
      await Promise.all(both.map((executor) => executor.stop(graceMs)));
    },
  };
}

/**
 * Full only when there is no room for threads, where nearly everything runs: runs that wait for a process
 * must hold up nobody, but to look past runs that wait for a thread would be to read the whole queue.
 */
function route(
  { threads, processes }: { readonly threads: Executor; readonly processes: Executor },
  offers: readonly Offer[],
  isolationOf: (flow: string) => Isolation,
): OfferAnswer {
  const isolated = offers.filter(({ flow }) => isolationOf(flow) === "process");
  if (isolated.length === 0) return threads.offer(offers);
  const others = offers.filter(({ flow }) => isolationOf(flow) === "thread");
  const { left: waiting } = processes.offer(isolated);
  const rest = others.length === 0 ? { left: [], full: false } : threads.offer(others);
  const left = new Set([...waiting, ...rest.left]);
  return { left: offers.filter((offer) => left.has(offer)), full: rest.full };
}

/** Where the flows of the newest config are executed. */
export interface Isolations {
  of(flow: string): Isolation;
  /** A thread with code of that generation could not be terminated: what blocked it may do so again. */
  stuck(flow: string, generation: number): void;
}

/** A flow whose thread got stuck has a process of its own until the next config, which may mend it. */
export function isolationsIn(newest: () => Generation, log: Pick<Log, "warn">): Isolations {
  let known: { readonly generation: Generation; readonly isolated: Set<string> } | undefined;
  // The flows are gone through once per config.
  const isolated = () => {
    const generation = newest();
    if (known?.generation !== generation) {
      const flows = generation.manifest.flows.filter(({ isolation }) => isolation === "process");
      known = { generation, isolated: new Set(flows.map(({ name }) => name)) };
    }
    return known.isolated;
  };
  return {
    of: (flow) => (isolated().has(flow) ? "process" : "thread"),
    stuck(flow, generation) {
      if (generation !== newest().number || isolated().has(flow)) return;
      isolated().add(flow);
      const why = "a thread that executed it could not be terminated, as something in it blocks";
      log.warn(
        `Flow "${flow}" is executed in processes until the next config: ${why}; give it isolation: "process"`,
      );
    },
  };
}
