import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Stands where the daemon's binary does: says what it is told, and ends as it is told. */
const PROGRAM = `#!/usr/bin/env node
process.on("SIGTERM", () => { console.log("told SIGTERM"); process.exit(7); });
setInterval(() => {}, 1_000);
console.log("called with " + process.argv.slice(2).join(" "));
`;
const SLOW = 60_000;

let project = "";

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "tocsin-bootstrap-"));
  for (const part of ["scripts", "package.json", "bun.lock"]) {
    await cp(part, join(project, part), { recursive: true });
  }
  for (const part of ["node_modules", ".tools"]) await symlink(resolve(part), join(project, part));
  await mkdir(join(project, "dist"));
  await writeFile(join(project, "dist/tocsin"), PROGRAM, { mode: 0o755 });
});

afterAll(async () => {
  await rm(project, { recursive: true, force: true });
});

function bootstrap(...args: readonly string[]) {
  const script = join(project, "scripts/bootstrap.mjs");
  return Bun.spawn(["node", script, ...args], { stdout: "pipe", stderr: "pipe" });
}

// There once `npm test` has run: to fetch the tools is no part of these tests.
describe.skipIf(!existsSync(".tools"))("npm start", () => {
  test(
    "runs the binary with its arguments, passes a signal on once and the exit code back",
    async () => {
      const child = bootstrap("start", "--listen", "127.0.0.1:0");
      let output = "";

      for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
        output += chunk;
        if (output.endsWith("127.0.0.1:0\n")) child.kill("SIGTERM");
      }

      expect(await child.exited).toBe(7);
      expect(output).toBe("called with serve --listen 127.0.0.1:0\ntold SIGTERM\n");
    },
    SLOW,
  );
});

describe.skipIf(!existsSync(".tools"))("the bootstrap", () => {
  test("names its jobs when it is asked for another", async () => {
    const child = bootstrap("deploy");

    expect(await new Response(child.stderr).text()).toBe(
      'Cannot do "deploy": the jobs are start, test, check, build, release, bench\n',
    );
    expect(await child.exited).toBe(1);
  });

  test("makes releases with the pinned bun, also where no other is", async () => {
    const command = ["node", "scripts/bootstrap.mjs", "release", "--target", "os2"];
    const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe" });

    expect(await new Response(child.stderr).text()).toStartWith('Cannot release for "os2"');
    expect(await child.exited).toBe(1);
  });

  test("says what is wrong with a version of Bun that cannot be read", async () => {
    await writeFile(join(project, "package.json"), `{ "packageManager": "pnpm@9" }`);
    const child = bootstrap("build");

    expect(await new Response(child.stderr).text()).toBe(
      'Cannot read packageManager "pnpm@9" of package.json: expected bun@ and a version\n',
    );
    expect(await child.exited).toBe(1);
  });
});
