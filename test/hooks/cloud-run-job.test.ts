import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { cloudRunJob } from "../../hooks/cloud-run-job.ts";
import { block, type HookContext, type Json } from "../../src/sdk/mod.ts";
import { aContext, aDecision, ring } from "./context.ts";
import { messageOf } from "./failures.ts";

const folder = mkdtempSync(join(tmpdir(), "tocsin-gcloud-"));
const argvFile = join(folder, "argv");
const REFERENCE = "string/crashing-flow-cloud-run-job";
const PATH = process.env["PATH"];

beforeEach(() => {
  process.env["PATH"] = `${folder}${delimiter}${PATH}`;
  rmSync(argvFile, { force: true });
});
afterEach(() => {
  process.env["PATH"] = PATH;
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("cloudRunJob()", () => {
  test("has gcloud delete the job that a block names, and then deletes the block", async () => {
    aGcloud("echo 'Deleted job [brave-otter].' >&2");
    const told = withBlocks({ [REFERENCE]: "brave-otter" });

    const hook = cloudRunJob({ job: block(REFERENCE), region: "us-central1" });
    expect(await ring(hook, told)).toBeUndefined();

    expect(argv()).toEqual([
      ...["run", "jobs", "delete", "brave-otter"],
      ...["--region=us-central1", "--quiet"],
    ]);
    expect(told.deleted).toEqual([REFERENCE]);
    expect(told.lines).toEqual(["warn Deleted job [brave-otter]."]);
  });

  test("takes the name from a function, and the project", async () => {
    aGcloud("");
    const told = withBlocks();

    await ring(cloudRunJob({ job: ({ run }) => run.name, project: "acme-prod" }), told);

    expect(argv()).toEqual([
      ...["run", "jobs", "delete", "brave-otter"],
      ...["--project=acme-prod", "--quiet"],
    ]);
    expect(told.deleted).toEqual([]);
  });

  test("fails when gcloud does, with its last words, and leaves the block for the next attempt", async () => {
    aGcloud("echo 'ERROR: (gcloud.run.jobs.delete) PERMISSION_DENIED' >&2; exit 1");
    const told = withBlocks({ [REFERENCE]: "brave-otter" });

    const thrown = await ring(cloudRunJob({ job: block(REFERENCE) }), told);

    expect(messageOf(thrown)).toBe(
      'Cannot delete Cloud Run job "brave-otter": gcloud exited with code 1: ERROR: (gcloud.run.jobs.delete) PERMISSION_DENIED',
    );
    expect(told.deleted).toEqual([]);
  });

  test("counts a job that is gone as deleted, but not another that is not found", async () => {
    aGcloud(
      'echo "Deleting [$4]...failed." >&2; echo "ERROR: (gcloud.run.jobs.delete) Job [$SAID] could not be found." >&2; echo "To upgrade, run …" >&2; exit 1',
    );
    const hook = cloudRunJob({ job: block(REFERENCE) });
    const [gone, other] = [1, 2].map(() => withBlocks({ [REFERENCE]: "brave-otter" }));
    if (gone === undefined || other === undefined) throw new Error("there are two");

    process.env["SAID"] = "brave-otter";
    expect(await ring(hook, gone)).toBeUndefined();
    process.env["SAID"] = "otter";
    expect(await ring(hook, other)).toBeInstanceOf(Error);
    delete process.env["SAID"];

    expect([gone.deleted, other.deleted]).toEqual([[REFERENCE], []]);
    expect(gone.lines.at(-1)).toBe('info job "brave-otter" is gone already');
  });

  test("has nothing to do where there is no block: the run crashed before it made a job", async () => {
    aGcloud("");
    const told = withBlocks();

    expect(await ring(cloudRunJob({ job: block(REFERENCE) }), told)).toBeUndefined();

    expect(argv()).toBeUndefined();
    expect(told.lines).toEqual([
      `warn there is no block "${REFERENCE}", so there is no job to delete`,
    ]);
  });

  test("hands nothing to gcloud that is no name of a job", async () => {
    aGcloud("");

    for (const job of ["--account=x", "", "a b", "$(id)", "a;b", "-q"]) {
      const thrown = await ring(cloudRunJob({ job: () => job }), aContext());
      expect(messageOf(thrown)).toBe(
        `Cannot delete Cloud Run job "${job}": that is no name of a job`,
      );
    }
    const full = "projects/acme/locations/us-central1/jobs/brave-otter";
    expect(await ring(cloudRunJob({ job: full }), aContext())).toBeUndefined();

    expect(argv()?.[3]).toBe(full);
  });

  test("says where it looked and what to do when there is no gcloud", async () => {
    process.env["PATH"] = "/nowhere";

    const missing = messageOf(await ring(cloudRunJob({ job: "x" }), aContext()));
    const elsewhere = messageOf(
      await ring(cloudRunJob({ job: "x", gcloud: "/nowhere/gcloud" }), aContext()),
    );

    expect(missing).toStartWith(
      'Cannot start "gcloud": there is no such program in PATH (/nowhere); install the Google Cloud CLI',
    );
    expect(elsewhere).toStartWith(
      'Cannot start "/nowhere/gcloud": there is no such program; install the Google Cloud CLI',
    );
  });

  test("stops gcloud when its time is over", async () => {
    aGcloud("sleep 600");
    const over = new AbortController();

    const ringing = ring(cloudRunJob({ job: "x" }), aContext({ signal: over.signal }));
    while (argv() === undefined) await Bun.sleep(5);
    over.abort();

    expect(messageOf(await ringing)).toBe(
      'Cannot delete Cloud Run job "x": gcloud took too long and was stopped',
    );
  });

  test("refuses due times without a run", async () => {
    expect(messageOf(await ring(cloudRunJob({ job: "x" }), aDecision()))).toBe(
      'Cannot delete a Cloud Run job at "onSkipped": there is no run',
    );
    // @ts-expect-error: the types know it too
    expect(() => cloudRunJob({ job: "x", on: "onMissed" })).toThrow(
      'Cannot make cloudRunJob({ on }): at "onMissed" there is no run whose job could be deleted',
    );
  });
});

/** A `gcloud` in the PATH that writes down its arguments, one a line, and then does as told. */
function aGcloud(body: string): void {
  const script = `#!/bin/sh\nprintf '%s\\n' "$@" > ${argvFile}.part && mv ${argvFile}.part ${argvFile}\n${body}\n`;
  writeFileSync(join(folder, "gcloud"), script);
  chmodSync(join(folder, "gcloud"), 0o755);
}

function argv(): readonly string[] | undefined {
  try {
    return readFileSync(argvFile, "utf8").trimEnd().split("\n");
  } catch {
    return undefined;
  }
}

/** A context whose blocks say as the daemon does that there is none, and that keeps what is deleted. */
function withBlocks(values: Readonly<Record<string, Json>> = {}) {
  const deleted: string[] = [];
  const told = aContext({}, values);
  const { blocks } = told.context;
  const missing = (reference: string) =>
    Object.assign(new Error(`Cannot find block "${reference}": there is none`), {
      name: "NoSuchBlock",
    });
  const context: HookContext = {
    ...told.context,
    blocks: {
      ...blocks,
      // The overloads of `load` are the daemon's to keep.
      load: (async (reference: string) => {
        if (values[reference] === undefined) throw missing(reference);
        return await blocks.load(reference);
      }) as typeof blocks.load,
      delete: async (reference) => {
        deleted.push(reference);
      },
    },
  };
  return { ...told, context, deleted };
}
