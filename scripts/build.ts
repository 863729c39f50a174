import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import { buildBinary } from "./build-binary.ts";
import { writePage } from "./build-page.ts";

const { values } = parseArgs({
  options: {
    target: { type: "string" },
    runtime: { type: "string" },
    outfile: { type: "string", default: "dist/tocsin" },
  },
});

const entrypoints = ["src/main.ts", "src/threads/thread.ts", "src/store/commit-thread.ts"];
const absent = entrypoints.filter((file) => !existsSync(file));
if (absent.length > 0) throw new Error(`Cannot build tocsin: there is no ${absent.join(", ")}`);

await writePage();
await buildBinary({
  entrypoints,
  outfile: values.outfile,
  ...(values.target === undefined ? {} : { target: values.target as Bun.Build.CompileTarget }),
  ...(values.runtime === undefined ? {} : { runtime: values.runtime }),
});
const { size } = await stat(values.outfile);
console.log(`${values.outfile}: ${Math.round(size / 1_000_000)} MB`);
