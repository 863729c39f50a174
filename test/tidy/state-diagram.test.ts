import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { advance, fits } from "../../src/domain/advance.ts";
import { STATE_NAMES } from "../../src/domain/state.ts";
import { aRun, NOON, SIGNALS, STATES } from "../domain/subjects.ts";

const PAGE = "docs/state-machine.md";

/** Every arrow that `advance` accepts, as `From --> To: signal`, whatever the run's attempts and ends. */
function acceptedArrows(): readonly string[] {
  const lives = [{ attempt: 0 }, { attempt: 1 }, { attempt: 1, endedAt: NOON }];
  const arrows = new Set<string>();
  for (const state of Object.values(STATES)) {
    for (const run of lives.map((life) => aRun({ state, ...life }))) {
      for (const signal of Object.values(SIGNALS).filter((one) => fits(run, one, NOON))) {
        const { after } = advance(run, signal, NOON);
        arrows.add(`${state.name} --> ${after.state.name}: ${signal.type}`);
      }
    }
  }
  return [...arrows].toSorted();
}

/** The arrows of the page's diagram; one from a type is one from each of its names. */
function drawnArrows(diagram: string): readonly string[] {
  const lines = [...diagram.matchAll(/^\s*([A-Za-z]+) --> ([A-Za-z]+): (\S+)$/gm)];
  return lines
    .flatMap(([, from = "", to = "", signal = ""]) =>
      namesOf(from).map((name) => `${name} --> ${to}: ${signal}`),
    )
    .toSorted();
}

function namesOf(state: string): readonly string[] {
  return new Map<string, readonly string[]>(Object.entries(STATE_NAMES)).get(state) ?? [state];
}

async function readDiagram(): Promise<string> {
  const page = await readFile(PAGE, "utf8");
  return /```mermaid\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
}

describe("the diagram of the state machine", () => {
  test("has exactly the arrows that advance() accepts", async () => {
    expect(drawnArrows(await readDiagram())).toEqual(acceptedArrows());
  });

  test("has no line with an arrow that is not read here", async () => {
    const lines = (await readDiagram()).split("\n").filter((line) => line.includes("-->"));
    const unread = lines.filter((line) => drawnArrows(line).length === 0);

    expect(unread.map((line) => line.trim())).toEqual(["[*] --> Scheduled"]);
  });

  test("puts every name of a type that has several into the type's box, and knows no other box", async () => {
    const boxes = [...(await readDiagram()).matchAll(/state ([A-Z]+) \{([^}]*)\}/g)];
    const drawn = boxes.map(([, type, names = ""]) => [type, names.trim().split(/\s+/)]);
    const several = Object.entries(STATE_NAMES).filter(([, names]) => names.length > 1);

    expect(drawn).toEqual(several.map(([type, names]) => [type, [...names]]));
  });
});
