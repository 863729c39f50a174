import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import {
  deadLinksIn,
  deadPathsIn,
  lineNumbersIn,
  openMarksIn,
  readPapers,
  readTexts,
} from "./papers.ts";

const SUBJECT_MAX = 72;

describe("the papers", () => {
  test("are found, and so are the sources", async () => {
    const paths = (await readTexts()).map(({ path }) => path);

    expect(paths).toContain("ARCHITECTURE.md");
    expect(paths).toContain("docs/state-machine.md");
    expect(paths).toContain("src/domain/advance.ts");
    expect(paths).toContain(".ci/run");
  });

  test("name no line of a source file", async () => {
    expect((await readPapers()).flatMap(lineNumbersIn)).toEqual([]);
  });

  test("have no relative link that leads nowhere", async () => {
    expect((await readPapers()).flatMap(deadLinksIn)).toEqual([]);
  });

  test("the architecture names only paths that exist", async () => {
    const architecture = (await readPapers()).filter(({ path }) => path === "ARCHITECTURE.md");

    expect(architecture.flatMap(deadPathsIn)).toEqual([]);
  });

  test("no text holds a FIXME, or a TODO without the number of its issue", async () => {
    const texts = (await readTexts()).filter(({ path }) => !path.startsWith("test/tidy/papers."));

    expect(texts.flatMap(openMarksIn)).toEqual([]);
  });

  test.skipIf(!existsSync(".git"))("the log has no subject line over 72 characters", () => {
    const { stdout } = Bun.spawnSync(["git", "log", "--format=%s"]);
    const subjects = stdout.toString().split("\n");

    expect(subjects.filter((subject) => subject.length > SUBJECT_MAX)).toEqual([]);
  });
});

describe("the checker of papers itself", () => {
  const paper = (text: string) => ({ path: "docs/x.md", text });

  test("finds a line number, except in the user's config", () => {
    expect(lineNumbersIn(paper("see db.ts:670 and src/a/b.mjs:1-7"))).toHaveLength(2);
    expect(lineNumbersIn(paper("flows.config.ts:12:3 is wrong, at 12:30, localhost:8627"))).toEqual(
      [],
    );
  });

  test("finds a dead link, and lets addresses, anchors and code be", () => {
    expect(deadLinksIn(paper("[a](./gone.md) [b](gone.md#part)"))).toHaveLength(2);
    expect(
      deadLinksIn(paper("[a](state-machine.md#reading-it) [b](https://x.test) [c](#d)")),
    ).toEqual([]);
    expect(deadLinksIn(paper("`[a](gone.md)`\n```\n[a](gone.md)\n```\n"))).toEqual([]);
  });

  test("finds a dead path, and lets packages and words be", () => {
    expect(deadPathsIn(paper("`src/gone.ts` `domain/gone` `GONE.md` `src/gone/`"))).toHaveLength(4);
    expect(
      deadPathsIn(paper("`src/domain/run.ts` `domain/run` `package.json` `src/store/`")),
    ).toEqual([]);
    expect(deadPathsIn(paper("`@libsql/client` `application/json` `advance` `v.object`"))).toEqual(
      [],
    );
  });

  test("finds open marks", () => {
    expect(openMarksIn(paper("FIXME now, TODO later, TODO(#7) in its issue"))).toHaveLength(2);
  });
});
