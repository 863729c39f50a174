import { processContext } from "./cli/context.ts";
import { runProgram } from "./cli/run-program.ts";

const code = await runProgram(process.argv.slice(2), processContext());
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit(code);

/** Resolves when everything written before has reached the reader: `process.exit` waits for nobody. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    // The callback of an empty write comes at once, whatever is still on its way (Bun 1.4).
    stream.end(() => resolve());
  });
}
