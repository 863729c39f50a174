import { join } from "node:path";
import type { Daemon } from "../../src/daemon.ts";

/** The daemon in this very thread, on the config and the store of a folder. It is imported only now: see `takeTime`. */
export async function serveHere(folder: string): Promise<Daemon> {
  const { startDaemon } = await import("../../src/daemon.ts");
  const { createLog } = await import("../../src/log.ts");
  const write = (line: string) => void process.stderr.write(line);
  return await startDaemon({
    configPath: join(folder, "flows.config.ts"),
    flags: { listen: "127.0.0.1:0", store: join(folder, "state.db") },
    env: { ...process.env },
    serve: true,
    watch: false,
    log: createLog({ format: "json", level: "error", write }),
  });
}
