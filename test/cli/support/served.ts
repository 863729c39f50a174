import { createApp } from "../../../src/http/app.ts";
import { type HttpServer, serveHttp } from "../../../src/http/server.ts";
import { memoryDaemon } from "../../http/support/memory-daemon.ts";
import { type TerminalSettings, tocsin } from "./terminal.ts";

const servers: HttpServer[] = [];

/** A daemon that listens, and the command line that speaks to it. */
export async function served() {
  const daemon = memoryDaemon();
  const server = await serveHttp(createApp(daemon.api), { hostname: "127.0.0.1", port: 0 });
  servers.push(server);
  const call = (line: string, settings?: TerminalSettings) =>
    tocsin([...line.split(" ").filter(Boolean), "--server", server.url], settings);
  return { daemon, server, call };
}

/** Stops all that `served` started; for `afterEach`. */
export async function stopServers(): Promise<void> {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
}
