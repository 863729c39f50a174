import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { addonPackage, hostTarget } from "../../scripts/build-binary.ts";
import { debianChangelog, debOf } from "../../scripts/release/deb.ts";
import { platformOf, requirePlatform } from "../../scripts/release/executable.ts";
import { librariesOf, requireLibraries } from "../../scripts/release/libraries.ts";
import { noticesText, withLicences } from "../../scripts/release/licences.ts";
import { readLock } from "../../scripts/release/lock.ts";
import { requireMaterials } from "../../scripts/release/materials.ts";
import { packagedUnit } from "../../scripts/release/package-files.ts";
import { sbomOf } from "../../scripts/release/sbom.ts";
import { tarOf, withFolders } from "../../scripts/release/tar.ts";
import { requireTargets, TARGETS } from "../../scripts/release/targets.ts";

const RUNTIMES = "scripts/release/runtimes";
const TIME = 1_767_225_600;
const SLOW = 180_000;

const manifest: { readonly packageManager: string; readonly dependencies: Record<string, string> } =
  JSON.parse(readFileSync("package.json", "utf8"));
const folder = () => mkdtempSync(join(tmpdir(), "tocsin-release-"));
const run = (command: readonly string[], cwd = ".") => {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command], { cwd, stderr: "pipe" });
  return { exitCode, out: stdout.toString(), err: stderr.toString() };
};

/** What is locked for the program and installed here: the addons of other machines are not. */
async function packagesHere() {
  const host = addonPackage(hostTarget());
  const locked = await readLock("bun.lock");
  const here = locked.filter(({ name }) => !name.startsWith("@libsql/") || name === host);
  return withLicences(here, "node_modules");
}

describe("the targets of a release", () => {
  test("are Linux with both C libraries and macOS, on both processors", () => {
    expect(requireTargets([]).map(({ name }) => name)).toEqual([
      "linux-x64",
      "linux-arm64",
      "linux-x64-musl",
      "linux-arm64-musl",
      "darwin-x64",
      "darwin-arm64",
    ]);
  });

  test("are refused by name where there is none", () => {
    const { exitCode, err } = run([process.execPath, "scripts/release.ts", "--target", "os2"]);

    expect(exitCode).toBe(1);
    expect(err).toStartWith('Cannot release for "os2": there is no such target; there are linux');
  });

  test("have their addon in bun.lock, and Bun of the pinned version in the lock of the runtimes", async () => {
    const packages = await readLock("bun.lock");
    const runtimes = await readLock(join(RUNTIMES, "bun.lock"));

    for (const { addon, runtime } of TARGETS) {
      expect(packages.find(({ name }) => name === addon)?.integrity).toStartWith("sha512-");
      const locked = runtimes.find(({ name }) => name === runtime);
      expect(`bun@${locked?.version}`).toBe(manifest.packageManager);
    }
  });

  test("are refused together, and nothing is made, when their packages cannot be had", () => {
    const materials = { stage: folder(), runtimes: folder() };
    const targets = requireTargets(["linux-arm64-musl", "darwin-x64"]);
    const refusal = () => requireMaterials(targets, materials);

    expect(refusal).toThrow('linux-arm64-musl: package "@oven/bun-linux-aarch64-musl" could not');
    expect(refusal).toThrow('darwin-x64: package "@libsql/darwin-x64" could not be installed');
    expect(refusal).toThrow("Nothing was made");
  });
});

describe("the header of a file", () => {
  const loader = (path: string) => readFileSync(path);

  test("says what it is made for", () => {
    const platform = TARGETS.find(({ compile }) => compile === hostTarget())?.platform;
    const addon = loader(`node_modules/${addonPackage(hostTarget())}/index.node`);

    expect(platformOf(loader(process.execPath))).toEqual(platform);
    expect(platform).toMatchObject(platformOf(addon) ?? {});
    expect(platformOf(loader("package.json"))).toBeUndefined();
    expect(platformOf(new Uint8Array(3))).toBeUndefined();
  });

  test("tells the libraries it needs, which are those that people are told to install", () => {
    const addon = loader(`node_modules/${addonPackage(hostTarget())}/index.node`);
    const needed = librariesOf(addon);
    const papers = readFileSync("docs/install.md", "utf8");
    const other = Buffer.from(
      addon.toString("latin1").replaceAll("libgcc_s.", "libgcc_t."),
      "latin1",
    );

    expect(needed).toContain("libgcc_s.so.1");
    for (const { platform } of TARGETS.filter(({ compile }) => compile === hostTarget())) {
      expect(() => requireLibraries("x", addon, platform)).not.toThrow();
      expect(() => requireLibraries("x", loader(process.execPath), platform)).not.toThrow();
      expect(() => requireLibraries("x", other, platform)).toThrow(
        'Cannot release "x": it needs libgcc_t.so.1; say so in docs/install.md',
      );
    }
    expect(papers).toMatch(/linux-x64` .*glibc 2\.18 or newer, and libgcc/);
    expect(papers).toMatch(/linux-x64-musl` .*`libstdc\+\+`/);
  });

  test("must fit the target", () => {
    const bytes = new Uint8Array(64);
    new DataView(bytes.buffer).setUint32(0, 0xfeedfacf, true);
    new DataView(bytes.buffer).setUint32(4, 0x0100000c, true);

    expect(() => requirePlatform("x", bytes, { system: "darwin", arch: "arm64" })).not.toThrow();
    expect(() =>
      requirePlatform("x", bytes, { system: "linux", arch: "x64", libc: "musl" }),
    ).toThrow('Cannot release "x": it is made for darwin arm64, not for linux x64 musl');
  });
});

describe("an archive", () => {
  const files = [
    { path: "tocsin-1/tocsin", bytes: Buffer.from("#!/bin/sh\necho hello\n"), executable: true },
    { path: "tocsin-1/completions/tocsin.bash", bytes: Buffer.from("x".repeat(1000)) },
    { path: "tocsin-1/empty", bytes: new Uint8Array() },
  ];

  test("is what tar unpacks: folders first, programs as programs", () => {
    const place = folder();
    writeFileSync(join(place, "a.tar"), tarOf(withFolders(files), TIME));
    const listed = run(["tar", "-tvf", "a.tar", "--utc"], place);
    const unpacked = run(["tar", "-xf", "a.tar"], place);

    expect(unpacked).toEqual({ exitCode: 0, out: "", err: "" });
    expect(listed.out.split("\n").map((line) => line.replace(/ +/g, " "))).toEqual([
      "drwxr-xr-x root/root 0 2026-01-01 00:00 tocsin-1/",
      "drwxr-xr-x root/root 0 2026-01-01 00:00 tocsin-1/completions/",
      "-rw-r--r-- root/root 1000 2026-01-01 00:00 tocsin-1/completions/tocsin.bash",
      "-rw-r--r-- root/root 0 2026-01-01 00:00 tocsin-1/empty",
      "-rwxr-xr-x root/root 21 2026-01-01 00:00 tocsin-1/tocsin",
      "",
    ]);
    expect(run(["./tocsin-1/tocsin"], place).out).toBe("hello\n");
  });

  test("refuses a path that its format has no room for", () => {
    expect(() => tarOf([{ path: "x".repeat(101) }], TIME)).toThrow("Cannot archive");
  });
});

describe("a Debian package", () => {
  const order = {
    version: "1.0.0-beta.1",
    architecture: "amd64",
    files: [{ path: "usr/bin/tocsin", bytes: Buffer.from("program"), executable: true }],
    scripts: ["postinst", "prerm", "postrm"].map((path) => ({
      path,
      bytes: readFileSync(`packaging/deb/${path}`),
    })),
    time: TIME,
  };
  const deb = Buffer.from(debOf(order));

  test("is an ar archive of three members, the version first", () => {
    expect(deb.subarray(0, 8).toString()).toBe("!<arch>\n");
    const members: string[] = [];
    let data = deb;
    for (let at = 8; at < deb.length; ) {
      const size = Number(deb.subarray(at + 48, at + 58).toString());
      members.push(
        deb
          .subarray(at, at + 16)
          .toString()
          .trim(),
      );
      data = deb.subarray(at + 60, at + 60 + size);
      at += 60 + size + (size % 2);
    }

    expect(members).toEqual(["debian-binary", "control.tar.gz", "data.tar.gz"]);
    expect(gunzipSync(data).toString("latin1")).toContain("./usr/bin/tocsin");
    expect(Buffer.from(debOf(order)).equals(deb)).toBe(true);
  });

  test.skipIf(Bun.which("dpkg-deb") === null)("is one that dpkg-deb reads", () => {
    const place = folder();
    writeFileSync(join(place, "a.deb"), deb);
    const field = (name: string) => run(["dpkg-deb", "-f", "a.deb", name], place).out.trim();

    expect(field("Package")).toBe("tocsin");
    // Before 1.0.0, as Debian counts.
    expect(field("Version")).toBe("1.0.0~beta.1");
    expect(field("Architecture")).toBe("amd64");
    expect(run(["dpkg-deb", "-I", "a.deb"], place).out).toMatch(/\* {2}postinst/);
    expect(run(["dpkg-deb", "-x", "a.deb", "root"], place).exitCode).toBe(0);
    expect(readFileSync(join(place, "root/usr/bin/tocsin"), "utf8")).toBe("program");
  });

  test("has a changelog of its version, dated as Debian dates it", () => {
    expect(debianChangelog(order.version, TIME)).toMatch(
      /^tocsin \(1\.0\.0~beta\.1\) unstable; urgency=medium\n\n {2}\* .+\n\n -- .+> {2}Thu, 01 Jan 2026 00:00:00 \+0000\n$/,
    );
  });

  test("has scripts that a shell can read", () => {
    for (const { path } of order.scripts) {
      expect(run(["sh", "-n", `packaging/deb/${path}`])).toMatchObject({ exitCode: 0, err: "" });
    }
  });

  test("has a unit that does not start before there is a config", () => {
    expect(packagedUnit()).toStartWith(
      "[Unit]\nConditionPathExists=/etc/tocsin/flows.config.ts\nDescription=",
    );
    expect(packagedUnit()).toContain(
      "ExecStart=/usr/bin/tocsin serve --config /etc/tocsin/flows.config.ts\n",
    );
    // Without it a machine that lacks libnss-systemd knows no home of that user, and the daemon did not start.
    expect(packagedUnit()).toContain("\nDynamicUser=yes\nEnvironment=HOME=%S/tocsin\n");
  });
});

describe("the bill of materials", () => {
  const order = { version: "1.0.0", needs: Object.keys(manifest.dependencies), time: TIME };

  test("has what CycloneDX 1.6 requires, and the licence and sum of everything", async () => {
    const packages = await packagesHere();
    const bom = sbomOf({ ...order, packages });
    const refs = bom.components.map((component) => component["bom-ref"]);
    const all = [bom.metadata.component["bom-ref"], ...refs];

    expect(bom).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1 });
    expect(bom.serialNumber).toMatch(/^urn:uuid:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/);
    expect(bom.metadata.timestamp).toBe("2026-01-01T00:00:00.000Z");
    expect(new Set(refs).size).toBe(packages.length);
    for (const component of bom.components) {
      expect(component.type).toBe("library");
      expect(component.name).not.toBe("");
      expect(component.version).toMatch(/^\d+\.\d+\.\d+/);
      expect(component.hashes[0]?.content).toMatch(/^[\da-f]{128}$/);
      expect(component.licenses[0]).toHaveProperty("license.id");
      expect(component.purl).toMatch(/^pkg:npm\/(?:%40[\w.-]+\/)?[\w.-]+@/);
    }
    expect(bom.dependencies.map(({ ref }) => ref)).toEqual(all);
    expect(bom.dependencies.flatMap(({ dependsOn }) => dependsOn)).toSatisfy((needed) =>
      needed.every((ref) => refs.includes(ref)),
    );
  });

  test("tells of all that the program needs, and of nothing that only its tests do", async () => {
    const names = (await readLock("bun.lock")).map(({ name }) => name);

    expect(names).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies)));
    expect(names).toContain("@neon-rs/load");
    expect(names).not.toContain("typescript");
    expect(names).not.toContain("bun-types");
  });

  test("is the same each time, and another one for another release", async () => {
    const packages = await packagesHere();
    const made = (version: string) => JSON.stringify(sbomOf({ ...order, version, packages }));

    expect(made("1.0.0")).toBe(made("1.0.0"));
    expect(sbomOf({ ...order, packages }).serialNumber).not.toBe(
      sbomOf({ ...order, version: "1.0.1", packages }).serialNumber,
    );
  });

  test("goes with the notices of every package", async () => {
    const packages = await packagesHere();
    const text = noticesText(packages);

    for (const { name, version } of packages) expect(text).toContain(`\n${name} ${version} (`);
    expect(text).toContain("THE SOFTWARE IS PROVIDED");
  });

  test("is refused when a package is installed in another version than is locked", () => {
    const other = { name: "croner", version: "0.0.0", integrity: "sha512-", needs: [] };

    expect(() => withLicences([other], "node_modules")).toThrow(
      'Cannot tell the licence of package "croner": locked is 0.0.0, and installed',
    );
  });
});

describe("a program", () => {
  const inside = ["libsql", "@neon-rs/load", "detect-libc", addonPackage(hostTarget())];
  const script = `import { buildBinary } from "./scripts/build-binary.ts";
    await buildBinary({ entrypoints: ["main.ts"], outfile: process.argv[1] });`;

  /** Builds a small program in a folder, and answers the sum of its bytes. */
  function built(place: string): string {
    mkdirSync(place, { recursive: true });
    for (const name of inside) {
      mkdirSync(dirname(join(place, "node_modules", name)), { recursive: true });
      cpSync(`node_modules/${name}`, join(place, "node_modules", name), { recursive: true });
    }
    // As in a release: the script that builds lies with what it builds.
    for (const file of [
      "scripts/build-binary.ts",
      "scripts/mach-o.ts",
      "src/store/unpack-addon.ts",
    ]) {
      cpSync(file, join(place, file), { recursive: true });
    }
    const source = `import Database from "libsql";
      console.log(new Database(":memory:").prepare("select 42 as kept").get().kept);`;
    writeFileSync(join(place, "main.ts"), source);
    const outfile = join(place, "out/program");
    const { exitCode, err } = run([process.execPath, "-e", script, outfile], place);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    return createHash("sha256").update(readFileSync(outfile)).digest("hex");
  }

  test(
    "is the same to the byte wherever and whenever it is built, and runs",
    () => {
      const [one, other] = [folder(), join(folder(), "deeper/down")];

      expect(built(other)).toBe(built(one));
      expect(run([join(other, "out/program")]).out).toBe("42\n");
    },
    SLOW,
  );
});
