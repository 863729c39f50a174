import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { COMMAND_PAPER_PATH, commandPaper } from "../../scripts/command-paper.ts";
import { strangeCommandsIn } from "./command-words.ts";
import { readPapers } from "./papers.ts";

test("the reference of the command line is what the program says; else: bun run generate", async () => {
  expect(await readFile(COMMAND_PAPER_PATH, "utf8")).toBe(commandPaper());
});

test("every command and option that a paper names is there", async () => {
  const papers = (await readPapers()).filter(({ path }) => path !== "CHANGELOG.md");

  expect(papers.flatMap(strangeCommandsIn)).toEqual([]);
});

describe("the checker of commands itself", () => {
  const strange = (text: string) => strangeCommandsIn({ path: "docs/x.md", text });

  test("finds commands and options that are not there", () => {
    expect(strange("`tocsin chekc`")).toEqual(["docs/x.md: tocsin chekc"]);
    expect(strange("`tocsin runs lss --limit 5`")).toHaveLength(1);
    expect(strange("```sh\nsudo tocsin serve --nothing x\n```")).toHaveLength(1);
  });

  test("lets words, arguments and what follows in a shell be", () => {
    expect(strange("tocsin chekc is no code, `tocsin` alone, `tocsin 0.1.0`")).toEqual([]);
    expect(
      strange("```sh\ntocsin trigger report -p day=mon --wait | grep -v x # --odd\n```"),
    ).toEqual([]);
    expect(strange("`source <(tocsin complete bash)` `tocsin runs …` `tocsin db`")).toEqual([]);
  });
});
