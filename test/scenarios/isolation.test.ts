import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { configText, untilFile } from "../support/configs.ts";
import { aScene, isOver, type Scene, type TestDaemon } from "../support/daemon.ts";
import { aReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const STORY_MS = 90_000;

/** A flow with a process of its own, as source. */
function isolated(name: string, body: string, options = ""): string {
  return `flow({ name: "${name}", isolation: "process", ${options} run: async () => { ${body} } })`;
}

/** Starts a program in the flow's process group and one in a session of its own; writes their numbers down. */
const TWO_PROGRAMS = `
  const inside = spawn("sleep", ["600"], { stdio: "ignore" });
  const outside = spawn("sleep", ["600"], { stdio: "ignore", detached: true });
  writeFileSync("pids", [process.pid, inside.pid, outside.pid].join(" ") + "\\n");`;

const SPAWN = `import { execSync, spawn } from "node:child_process";`;

test(
  "a run in a process of its own has its result, log lines, tasks and blocks like any other",
  async () => {
    await using scene = await aScene(
      SPAWN +
        configText({
          code: `
            const double = task({ name: "double", run: (number: number) => 2 * number });
            const kept = ${isolated(
              "kept",
              `
              console.log("through the console");
              execSync("echo past the console; echo and to stderr >&2", { stdio: "inherit" });
              await blocks.save("string", "word", "xyzzy", { overwrite: true });
              return { pid: process.pid, four: await double(2), word: await blocks.load("string/word") };`,
            )};`,
          flows: ["kept"],
        }),
    );
    const daemon = await scene.serve();

    const { id } = await daemon.trigger("kept");
    const run = await daemon.untilRun(id, isOver);
    const lines = await until(
      "the lines are stored",
      async () => {
        const found = await daemon.lines(id);
        return found.length >= 3 && found.map(({ level, text }) => `${level}: ${text}`);
      },
      daemon,
    );

    expect(run.state.name).toBe("Completed");
    expect(run.result).toMatchObject({ four: 4, word: "xyzzy" });
    expect(run.result).not.toMatchObject({ pid: daemon.pid });
    expect([...lines].sort()).toEqual([
      "error: and to stderr",
      "info: past the console",
      "info: through the console",
    ]);
    expect((await daemon.tasks(id)).map(({ task, state }) => [task, state.name])).toEqual([
      ["double", "Completed"],
    ]);
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "a segmentation fault, eaten memory and an endless loop end the run and not the daemon",
  async () => {
    await using receiver = aReceiver();
    const ring = `onCrashed: [webhook({ name: "good", url: "${receiver.url}" })],`;
    const fault = `console.log("last words"); process.kill(process.pid, "SIGSEGV"); await wait(600_000);`;
    const eat =
      "const all: unknown[] = []; for (;;) all.push(new Array(10_000).fill(Math.random()));";
    await using scene = await aScene(
      configText({
        code: "",
        flows: [
          isolated("fault", fault, ring),
          isolated("eater", eat, `memoryLimit: "200MB",`),
          isolated("loop", "for (;;) {}", `timeout: "500ms", grace: "100ms",`),
          isolated("leaver", "process.exit(3);"),
          `flow({ name: "good", run: () => "still here" })`,
        ],
      }),
    );
    const daemon = await scene.serve();

    const ends = await Promise.all(
      ["fault", "eater", "loop", "leaver", "good"].map((flow) => endOf(daemon, flow)),
    );
    const [delivered] = await receiver.untilReceived(1, daemon.log);

    expect(ends).toEqual([
      ["Crashed", expect.stringMatching(/SIGSEGV.*last words/)],
      ["Crashed", expect.stringMatching(/more memory than the limit of 19\d(\.\d)? MiB.*peak/)],
      ["TimedOut", expect.stringMatching(/500 ?ms/)],
      ["Crashed", expect.stringMatching(/exit.*3/)],
      ["Completed", expect.anything()],
    ]);
    expect(delivered?.body).toContain("fault");
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "cancelling a run kills all that it has started, and so does a crash",
  async () => {
    await using scene = await aScene(
      SPAWN +
        configText({
          code: "",
          flows: [
            isolated("cancelled", `${TWO_PROGRAMS} await wait(600_000);`, `grace: "100ms",`),
            isolated(
              "crashing",
              `${TWO_PROGRAMS} process.kill(process.pid, "SIGSEGV"); await wait(600_000);`,
            ),
            `command({ name: "program", isolation: "process", grace: "100ms", argv: ["sh", "-c", "echo $$ $$ $$ > pids; sleep 600 & wait"] })`,
          ],
        }),
    );
    const daemon = await scene.serve();

    for (const flow of ["cancelled", "crashing", "program"]) {
      const { id } = await daemon.trigger(flow);
      const pids = await pidsIn(scene, daemon);
      if (flow !== "crashing") {
        expect((await daemon.post(`/api/runs/${id}/cancel`)).status).toBe(202);
      }
      const { state } = await daemon.untilRun(id, isOver);
      await untilGone(pids, daemon);

      expect([flow, state.name]).toEqual([flow, flow === "crashing" ? "Crashed" : "Cancelled"]);
      await scene.write("pids", "");
    }
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "runs that wait for a process hold up no run that needs none",
  async () => {
    await using scene = await aScene(
      configText({
        code: "",
        flows: [
          isolated("alone", untilFile("go"), `overlap: "allow",`),
          `flow({ name: "good", run: () => "still here" })`,
        ],
      }),
    );
    const daemon = await scene.serve({ env: { TOCSIN_PROCESSES: "1" } });

    const waiting = await Promise.all([1, 2, 3].map(() => daemon.trigger("alone")));
    const good = await daemon.trigger("good");
    expect((await daemon.untilRun(good.id, isOver)).state.name).toBe("Completed");
    const before = await Promise.all(waiting.map(({ id }) => daemon.run(id)));
    await scene.write("go", "");
    const after = await Promise.all(waiting.map(({ id }) => daemon.untilRun(id, isOver)));

    expect(before.filter(({ state }) => state.name === "Scheduled")).toHaveLength(2);
    expect(after.map(({ state }) => state.name)).toEqual(["Completed", "Completed", "Completed"]);
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "kill -9 of the daemon takes a busy child and the programs it has started with it",
  async () => {
    await using scene = await aScene(
      SPAWN + configText({ code: "", flows: [isolated("busy", `${TWO_PROGRAMS} for (;;) {}`)] }),
    );
    const daemon = await scene.serve();
    await daemon.trigger("busy");
    const pids = await pidsIn(scene, daemon);

    await daemon.kill9();

    await untilGone(pids, daemon);
  },
  STORY_MS,
);

async function endOf(daemon: TestDaemon, flow: string): Promise<readonly [string, string]> {
  const { id } = await daemon.trigger(flow);
  const { state } = await daemon.untilRun(id, isOver);
  return [state.name, state.message];
}

async function pidsIn(scene: Scene, daemon: TestDaemon): Promise<readonly number[]> {
  const path = join(scene.folder, "pids");
  return await until(
    `${path} is written`,
    () => {
      const text = scene.read("pids");
      return text.endsWith("\n") && text.trim().split(" ").map(Number);
    },
    daemon,
  );
}

async function untilGone(pids: readonly number[], daemon: TestDaemon): Promise<void> {
  await until(`${pids} are gone`, () => !pids.some(isAlive), daemon);
}

/** A process that only waits to be reaped by whoever inherited it is not alive. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
