import { writeFile } from "node:fs/promises";
import { DECLARATIONS_PATH, declarationsOf } from "./declarations.ts";

await writeFile(DECLARATIONS_PATH, declarationsOf(process.cwd()));
console.log(`Wrote ${DECLARATIONS_PATH}`);
