import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { tarOf } from "../../scripts/release/tar.ts";

const TEXT = readFileSync("Dockerfile", "utf8");
const [FIRST = "", LAST = ""] = TEXT.split(/^(?=FROM )/m).slice(1);

/** Performs the one RUN of the first stage, with its folders in one of this machine. */
function unpackedIn(place: string) {
  const [, command = ""] = /^RUN ((?:.*\\\n)*.*)$/m.exec(FIRST) ?? [];
  const here = command.replaceAll(/ \/(release|unpacked|state)\b/g, ` ${place}/$1`);
  const { exitCode, stderr } = Bun.spawnSync(["sh", "-c", here], { stderr: "pipe" });
  return { exitCode, err: stderr.toString() };
}

describe("the Dockerfile", () => {
  test("runs the program as a user without rights, without a shell, with its state in a volume", () => {
    expect(LAST).toContain("\nUSER 65532:65532\n");
    expect(LAST).toContain("\nVOLUME /var/lib/tocsin\n");
    expect(LAST).toContain('\nENTRYPOINT ["/usr/bin/tocsin"]\n');
    expect(LAST).not.toContain("\nRUN ");
    for (const [, command = ""] of LAST.matchAll(/(?:CMD|ENTRYPOINT) (.+)/g)) {
      expect(JSON.parse(command)).toBeArray();
    }
  });

  test("unpacks the archive of its processor, and makes a folder for the state that is its owner's alone", () => {
    const place = mkdtempSync(join(tmpdir(), "tocsin-dockerfile-"));
    mkdirSync(join(place, "release"));
    for (const arch of ["x64", "arm64"]) {
      const path = `tocsin-1.0.0-linux-${arch}/tocsin`;
      const archive = gzipSync(tarOf([{ path, bytes: Buffer.from(arch) }], 1_767_225_600));
      writeFileSync(join(place, `release/tocsin-1.0.0-linux-${arch}.tar.gz`), archive);
    }

    expect(unpackedIn(place)).toEqual({ exitCode: 0, err: "" });
    expect(readFileSync(join(place, "unpacked/tocsin"), "utf8")).toBe(process.arch);
    expect(statSync(join(place, "state/tocsin")).mode & 0o777).toBe(0o700);
    expect(LAST).toContain("\nCOPY --from=unpacked --chown=65532:65532 /state/ /var/lib/\n");
  });

  test("wants nothing that only BuildKit knows", () => {
    expect(TEXT).not.toMatch(/\$\{?(?:TARGET|BUILD)[A-Z]+|--(?:chmod|mount|link|parents)\b/);
  });

  test("is given the two archives that it chooses from, and nothing else", () => {
    const sources = [...TEXT.matchAll(/^COPY ([\w/.-]+) /gm)].map(([, path]) => path);

    expect(sources).toEqual(["dist/release/"]);
    expect(readFileSync(".dockerignore", "utf8").trim().split("\n")).toEqual([
      "*",
      "!dist/release/tocsin-*-linux-x64.tar.gz",
      "!dist/release/tocsin-*-linux-arm64.tar.gz",
    ]);
  });
});
