import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { BunPlugin } from "bun";
import { signatureFault, signedAdHoc } from "./mach-o.ts";

export interface BinaryOrder {
  /** The program's entry first, then one per worker thread's file. */
  readonly entrypoints: readonly string[];
  readonly outfile: string;
  /** Such as `bun-linux-arm64-musl`; the machine that builds by default. */
  readonly target?: Bun.Build.CompileTarget;
  /** Bun's program for the target; by default this one, or what Bun fetches for a target that is not this machine. */
  readonly runtime?: string;
}

/** The addon package of `libsql` for each platform that Bun compiles for. */
const ADDONS: Readonly<Record<string, string>> = {
  "linux-x64": "@libsql/linux-x64-gnu",
  "linux-x64-musl": "@libsql/linux-x64-musl",
  "linux-arm64": "@libsql/linux-arm64-gnu",
  "linux-arm64-musl": "@libsql/linux-arm64-musl",
  "darwin-x64": "@libsql/darwin-x64",
  "darwin-arm64": "@libsql/darwin-arm64",
  "windows-x64": "@libsql/win32-x64-msvc",
};

/** What unpacks and loads the addon when the binary starts. */
const UNPACK = fileURLToPath(new URL("../src/store/unpack-addon.ts", import.meta.url));
const COMPUTED_REQUIRE = `require(\`@libsql/\${target}\`)`;

/** Compiles one binary that runs on a machine without Bun, Node or node_modules. */
export async function buildBinary(order: BinaryOrder): Promise<void> {
  const target = order.target ?? hostTarget();
  await Bun.build({
    entrypoints: [...order.entrypoints],
    compile: {
      target,
      outfile: order.outfile,
      ...(order.runtime === undefined ? {} : { executablePath: order.runtime }),
      // The working directory is the user's: what lies in it must not change the daemon.
      autoloadBunfig: false,
      autoloadDotenv: false,
      autoloadTsconfig: false,
      // Without it a config cannot import packages from the node_modules beside it.
      autoloadPackageJson: true,
    },
    // All entries in one folder: what `new URL("./thread.ts", import.meta.url)` says in the thread's own
    // room then also holds in the binary, where every module's address is that of the program.
    naming: { entry: "[name].[ext]" },
    format: "esm",
    minify: true,
    bytecode: true,
    sourcemap: "linked",
    plugins: [embeddedAddon(addonPackage(target))],
  });
  if (target.startsWith("bun-darwin-")) await sign(order.outfile);
}

async function sign(outfile: string): Promise<void> {
  const program = await readFile(outfile);
  if (signatureFault(program) === undefined) return;
  await writeFile(outfile, signedAdHoc(program, basename(outfile)));
}

/** The platform of this machine as a compile target. */
export function hostTarget(): Bun.Build.CompileTarget {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const musl = system === "linux" && !runsOnGlibc() ? "-musl" : "";
  return `bun-${system}-${process.arch}${musl}` as Bun.Build.CompileTarget;
}

function runsOnGlibc(): boolean {
  const report: unknown = process.report.getReport();
  return JSON.stringify(report).includes('"glibcVersionRuntime":"');
}

/** The npm package with the addon for a compile target, whatever processor variant it names. */
export function addonPackage(target: string): string {
  const platform = target.replace(/^bun-/, "").replace(/-(?:baseline|modern|glibc)\b/, "");
  const addon = ADDONS[platform];
  if (addon !== undefined) return addon;
  throw new Error(
    `Cannot build for "${target}": libsql has no addon for it; it has ${Object.keys(ADDONS).join(", ")}`,
  );
}

/**
 * Makes the computed require of libsql's addon one of the addon itself, embedded and compressed: a third of
 * the size in the binary, and no page of it is touched again once it is unpacked.
 */
function embeddedAddon(addon: string): BunPlugin {
  const file = `${addon}/index.node`;
  let bytes = new Uint8Array();
  return {
    name: "embedded-addon",
    setup(build) {
      // No path of the building machine goes into the binary: the same sources make the same bytes anywhere.
      build.onResolve({ filter: /^tocsin-addon:unpack$/ }, () => ({ path: UNPACK }));
      build.onResolve({ filter: /^tocsin-addon:packed$/ }, () => ({
        path: "libsql.node.gz",
        namespace: "tocsin-addon",
      }));
      build.onLoad({ filter: /[\\/]node_modules[\\/]libsql[\\/]index\.js$/ }, async ({ path }) => {
        const source = await readFile(path, "utf8");
        if (source.split(COMPUTED_REQUIRE).length !== 2) {
          throw new Error(
            `Cannot embed addon "${addon}": ${path} does not hold ${COMPUTED_REQUIRE} exactly once; adapt scripts/build-binary.ts to this version of libsql`,
          );
        }
        bytes = await readFile(resolveInstalled(file, dirname(path)));
        const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
        const known = JSON.stringify({ name: `libsql-${hash}.node`, bytes: bytes.length });
        const inside = 'require("tocsin-addon:packed")';
        const call = `require("tocsin-addon:unpack").loadAddon({ ...${known}, packed: ${inside}.default ?? ${inside} })`;
        const contents = source
          .replace(COMPUTED_REQUIRE, () => call)
          .replaceAll("__dirname", '"."');
        return { contents, loader: "js" };
      });
      build.onLoad({ filter: /./, namespace: "tocsin-addon" }, () => ({
        contents: gzipSync(bytes, { level: 9 }),
        loader: "file",
      }));
    },
  };
}

function resolveInstalled(file: string, from: string): string {
  try {
    return Bun.resolveSync(file, from);
  } catch (cause) {
    throw new Error(
      `Cannot embed addon "${file}": it is not installed; install it with: bun install --os=… --cpu=…`,
      { cause },
    );
  }
}
