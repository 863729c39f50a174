import type { Executor, Offer, OfferAnswer } from "../domain/executor.ts";
import type { Generation } from "../domain/flow.ts";

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

/** Answers where a flow of the newest config is executed; the flows are gone through once per config. */
export function isolationIn(newest: () => Generation): (flow: string) => Isolation {
  let known:
    | { readonly generation: Generation; readonly isolated: ReadonlySet<string> }
    | undefined;
  return (flow) => {
    const generation = newest();
    if (known?.generation !== generation) {
      const isolated = generation.manifest.flows.filter(({ isolation }) => isolation === "process");
      known = { generation, isolated: new Set(isolated.map(({ name }) => name)) };
    }
    return known.isolated.has(flow) ? "process" : "thread";
  };
}
