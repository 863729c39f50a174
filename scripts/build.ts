import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import { buildBinary } from "./build-binary.ts";

const { values } = parseArgs({
  options: {
    target: { type: "string" },
    outfile: { type: "string", default: "dist/tocsin" },
  },
});

const entrypoints = ["src/main.ts", "src/threads/thread.ts"];
const absent = entrypoints.filter((file) => !existsSync(file));
if (absent.length > 0) throw new Error(`Cannot build tocsin: there is no ${absent.join(", ")}`);

await buildBinary({
  entrypoints,
  outfile: values.outfile,
  ...(values.target === undefined ? {} : { target: values.target as Bun.Build.CompileTarget }),
});
const { size } = await stat(values.outfile);
console.log(`${values.outfile}: ${Math.round(size / 1_000_000)} MB`);
