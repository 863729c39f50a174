import { describe, expect, test } from "bun:test";
import { task } from "../../src/sdk/mod.ts";

/** A task whose calls end when they are told to. */
function heldTask() {
  const gates: PromiseWithResolvers<string>[] = [];
  const held = task({
    name: "held",
    run: async (item: number) => {
      const gate = Promise.withResolvers<string>();
      gates.push(gate);
      return `${item} ${await gate.promise}`;
    },
  });
  return { held, gates };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("task.map()", () => {
  test("answers in the order of the items, whatever ends first", async () => {
    const { held, gates } = heldTask();
    const results = held.map(new Set([3, 1, 2]));
    await turn();
    gates.toReversed().forEach((gate, index) => {
      gate.resolve(`ended ${index}`);
    });

    expect(await results).toEqual(["3 ended 2", "1 ended 1", "2 ended 0"]);
  });

  test("has no more calls under way than asked for", async () => {
    const { held, gates } = heldTask();
    const results = held.map([1, 2, 3], { concurrency: 2 });
    await turn();
    expect(gates).toHaveLength(2);

    gates[1]?.resolve("a");
    await turn();
    expect(gates).toHaveLength(3);
    gates[0]?.resolve("b");
    gates[2]?.resolve("c");
    expect(await results).toEqual(["1 b", "2 a", "3 c"]);
  });

  test("has 100 calls under way where nothing is asked for", async () => {
    const { held, gates } = heldTask();
    const results = held.map(Array.from({ length: 150 }, (_, index) => index));
    await turn();
    expect(gates).toHaveLength(100);

    for (let index = 0; index < 150; index += 1) {
      gates[index]?.resolve("");
      await turn();
    }
    expect(await results).toHaveLength(150);
  });

  test("rejects with the first failure, once the calls under way have ended", async () => {
    const { held, gates } = heldTask();
    let ended = false;
    const results = held.map([1, 2, 3], { concurrency: 2 });
    const note = () => {
      ended = true;
    };
    results.then(note, note);
    await turn();
    gates[1]?.reject(new Error("two"));
    await turn();
    expect(ended).toBe(false);

    gates[0]?.reject(new Error("one"));
    expect(results).rejects.toThrow("two");
    await results.catch(() => {});
    expect(gates).toHaveLength(2);
  });

  test("answers nothing for nothing, and refuses a concurrency that is none", async () => {
    const { held } = heldTask();

    expect(await held.map([])).toEqual([]);
    expect(held.map([1], { concurrency: 0 })).rejects.toThrow(
      'Cannot map task "held": concurrency is 0, expected a whole number from 1',
    );
  });
});
