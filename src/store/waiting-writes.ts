/** Writes that were asked for and have not begun, in their order. */
export interface WaitingWrites {
  count(): number;
  add<Answer>(perform: () => Promise<Answer>): Promise<Answer>;
  /** Answers the error of the oldest one, if it fails; whoever asked for it is told either way. */
  performNext(): Promise<unknown>;
  refuseAll(error: unknown): void;
}

interface Waiting {
  readonly perform: () => Promise<void>;
  readonly reject: (error: unknown) => void;
}

export function createWaitingWrites(): WaitingWrites {
  const waiting: Waiting[] = [];
  return {
    count: () => waiting.length,
    add: (perform) =>
      new Promise((resolve, reject) => {
        waiting.push({ perform: async () => resolve(await perform()), reject });
      }),
    async performNext() {
      const next = waiting.shift();
      try {
        await next?.perform();
        return undefined;
      } catch (error) {
        next?.reject(error);
        return error;
      }
    },
    refuseAll(error) {
      for (const { reject } of waiting.splice(0)) reject(error);
    },
  };
}
