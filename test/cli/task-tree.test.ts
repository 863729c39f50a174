import { describe, expect, test } from "bun:test";
import type { Family } from "../../src/cli/family.ts";
import { type Canvas, taskTree } from "../../src/cli/task-tree.ts";
import { widthOf } from "../../src/cli/text.ts";
import { aRunningTask, aState, aTask, at } from "./support/task-runs.ts";

const CANVAS: Canvas = {
  width: 80,
  height: 24,
  now: new Date(at(12.34)),
  unicode: true,
  paint: (_, text) => text,
};
const RUN: Family["run"] = {
  id: "run-1",
  name: "brave-otter",
  flow: "report",
  state: aState("RUNNING"),
  attempt: 1,
  createdAt: at(0),
  startedAt: at(0),
};

function drawn(tasks: Family["tasks"], changes: Partial<Canvas> = {}, run = RUN): string {
  return drawnFamily({ run, tasks, children: [] }, changes);
}

function drawnFamily(family: Family, changes: Partial<Canvas> = {}): string {
  return taskTree(family, { ...CANVAS, ...changes }).join("\n");
}

function aChild(name: string, changes: Partial<Family> = {}): Family {
  const run = { ...RUN, id: name, flow: "load", name, createdAt: at(1), startedAt: at(1) };
  return { run, tasks: [], children: [], ...changes };
}

describe("taskTree()", () => {
  test("shows each task with its state and how long it took, or takes", () => {
    const failed = aState("FAILED", { message: "disk is full\nreally" });
    const tasks = [aTask("fetch"), aTask("load", { state: failed }), aRunningTask("send")];

    expect(drawn(tasks)).toBe(
      [
        "● report brave-otter  12.3s",
        "├─ ✓ fetch  1.2s",
        "├─ ✗ load  1.2s, disk is full↵really",
        "└─ ● send  12.3s",
      ].join("\n"),
    );
  });

  test("counts the calls of a task that is called many times", () => {
    const tasks = [
      aTask("extract", { call: 0 }),
      aTask("extract", { call: 1, state: aState("COMPLETED", { name: "Cached" }) }),
      aTask("extract", { call: 2, state: aState("FAILED") }),
      aRunningTask("extract", { call: 3, attempt: 2 }),
      ...Array.from({ length: 96 }, (_, index) =>
        aRunningTask("extract", { call: 4 + index, state: aState("PENDING") }),
      ),
    ];

    expect(drawn(tasks)).toEndWith("└─ ● extract 3/100  12.3s, 1 failed, 1 cached, 1 retrying");
  });

  test("a call that was made again in a later attempt of the run counts once", () => {
    const tasks = [aTask("load", { state: aState("FAILED", { message: "no" }) }), aTask("load")];

    expect(drawn(tasks)).toEndWith("└─ ✓ load  1.2s");
  });

  test("tells of an attempt that is not the first, and of a wait for the next", () => {
    const waits = aState("SCHEDULED", { name: "AwaitingRetry" });

    expect(drawn([aRunningTask("load", { attempt: 3 })])).toEndWith("● load  12.3s, attempt 3");
    expect(drawn([aRunningTask("load", { state: waits })])).toEndWith(
      "○ load  12.3s, waits for its retry",
    );
  });

  test("shows below a task what it called, also where the outer call was made again since", () => {
    const tasks = [
      aTask("outer", { id: "first" }),
      aTask("inner", { parent: "first" }),
      aTask("deep", { parent: "inner-0" }),
      aTask("outer", { id: "second", state: aState("COMPLETED", { name: "Cached" }) }),
      aTask("after"),
    ];

    expect(drawn(tasks)).toBe(
      [
        "● report brave-otter  12.3s",
        "├─ ✓ outer  1.2s, cached",
        "│  └─ ✓ inner  1.2s",
        "│     └─ ✓ deep  1.2s",
        "└─ ✓ after  1.2s",
      ].join("\n"),
    );
    expect(drawn(tasks, { unicode: false })).toContain("|  `- + inner  1.2s\n|     `- + deep");
  });

  test("counts what many calls of a task called together", () => {
    const tasks = [0, 1, 2].flatMap((call) => [
      aTask("outer", { call }),
      aTask("inner", { call, parent: `outer-${call}` }),
    ]);

    expect(drawn(tasks)).toEndWith("└─ ✓ outer 3/3  1.2s\n   └─ ✓ inner 3/3  1.2s");
  });

  test("shows child runs with their tasks, among the tasks in the order of time", () => {
    const inner = aChild("shy-wren");
    const family = {
      run: RUN,
      tasks: [aTask("first"), aTask("last", { createdAt: at(2) })],
      children: [aChild("calm-heron", { tasks: [aTask("fetch")], children: [inner] })],
    };

    expect(drawnFamily(family)).toBe(
      [
        "● report brave-otter  12.3s",
        "├─ ✓ first  1.2s",
        "├─ ● load calm-heron  11.3s",
        "│  ├─ ✓ fetch  1.2s",
        "│  └─ ● load shy-wren  11.3s",
        "└─ ✓ last  1.2s",
      ].join("\n"),
    );
  });

  test("counts child runs where a flow has many", () => {
    const children = Array.from({ length: 30 }, (_, index) => aChild(`otter-${index}`));

    expect(drawnFamily({ run: RUN, tasks: [], children })).toEndWith("└─ ● load 0/30  11.3s");
  });

  test("what stands deep keeps what it belongs to where there is little room", () => {
    const ended = Array.from({ length: 10 }, (_, index) => aTask(`step-${index}`));
    const tasks = [aTask("outer"), aRunningTask("inner", { parent: "outer-0" }), ...ended];

    expect(drawn(tasks, { height: 5 })).toBe(
      [
        "● report brave-otter  12.3s",
        "├─ ✓ outer  1.2s",
        "│  └─ ● inner  12.3s",
        "├─ ✓ step-9  1.2s",
        "└─ … and 9 more",
      ].join("\n"),
    );
  });

  test("a run that is over stands still", () => {
    const run = { ...RUN, state: aState("FAILED"), endedAt: at(5) };

    expect(drawn([], {}, run)).toBe("✗ report brave-otter  5s");
  });

  test("does with plain characters where there are no others", () => {
    const tasks = [aTask("fetch"), aRunningTask("send")];

    expect(drawn(tasks, { unicode: false })).toBe(
      ["* report brave-otter  12.3s", "|- + fetch  1.2s", "`- * send  12.3s"].join("\n"),
    );
  });

  test.each([1, 3, 7, 10, 20, 40])("no line is wider than %d columns", (width) => {
    const tasks = [aTask("日本語の長い名前".repeat(3)), aRunningTask("x".repeat(200))];

    for (const line of taskTree({ run: RUN, tasks, children: [] }, { ...CANVAS, width })) {
      expect(widthOf(line)).toBeLessThanOrEqual(width);
    }
  });

  test("is no higher than the terminal: what goes on stays, what ended first is left out", () => {
    const ended = Array.from({ length: 10 }, (_, index) => aTask(`step-${index}`));
    const tasks = [aRunningTask("first"), ...ended, aRunningTask("last")];

    expect(drawn(tasks, { height: 5 })).toBe(
      [
        "● report brave-otter  12.3s",
        "├─ ● first  12.3s",
        "├─ ✓ step-9  1.2s",
        "├─ ● last  12.3s",
        "└─ … and 9 more",
      ].join("\n"),
    );
    expect(taskTree({ run: RUN, tasks, children: [] }, { ...CANVAS, height: 1 })).toHaveLength(1);
  });

  test("paints marks by state, and nothing that a task is named can", () => {
    const paint: Canvas["paint"] = (style, text) => `<${style}>${text}</>`;

    const text = drawn([aTask("\u001b[31mevil")], { paint });

    expect(text).toContain("<green>✓ </>\\u001b[31mevil");
    expect(text).not.toContain("\u001b");
  });

  test("ten thousand calls are drawn before anybody waits", () => {
    const tasks = Array.from({ length: 10_000 }, (_, call) => aTask("extract", { call }));

    expect(drawn(tasks)).toEndWith("✓ extract 10000/10000  1.2s");
  });
});
