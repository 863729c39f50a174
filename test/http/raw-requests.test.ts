import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { createApp } from "../../src/http/app.ts";
import { type HttpServer, serveHttp } from "../../src/http/server.ts";
import { createLog } from "../../src/log.ts";
import { until } from "../support/until.ts";
import { memoryDaemon } from "./support/memory-daemon.ts";

const lines: string[] = [];
const log = createLog({ format: "json", level: "info", write: (line) => lines.push(line) });
let server: HttpServer;

beforeAll(async () => {
  const app = createApp(memoryDaemon({ log }).api);
  server = await serveHttp(app, { hostname: "127.0.0.1", port: 0 });
});
afterAll(() => server.stop());

/** Sends bytes as they are, and answers what comes back until nobody says any more. */
async function send(text: string, { isCut = false } = {}): Promise<string> {
  const { port } = new URL(server.url);
  return await new Promise((resolve) => {
    let got = "";
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("data", (bytes) => {
      got += bytes;
      socket.end();
    });
    socket.on("error", () => resolve(got));
    socket.on("close", () => resolve(got));
    socket.write(text, () => (isCut ? socket.destroy() : undefined));
  });
}

const WRITE = "POST /api/flows/backup/runs HTTP/1.1\r\ncontent-type: application/json\r\n";
const failures = () => lines.filter((line) => line.includes("Cannot answer"));

test.each([
  ["no host", "GET /api/status HTTP/1.0\r\n\r\n", 421],
  ["no host where one must be", "GET /api/status HTTP/1.1\r\n\r\n", 400],
  ["two hosts", "GET /livez HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\n\r\n", 421],
  ["another's address", "GET http://localhost/livez HTTP/1.1\r\nhost: evil.example\r\n\r\n", 421],
  ["bytes in the path", "GET /api/runs/\u00e4\u00ff HTTP/1.1\r\nhost: localhost\r\n\r\n", 404],
  ["a bad length", `${WRITE}host: localhost\r\ncontent-length: -1\r\n\r\n{}`, 400],
  ["a great length", `${WRITE}host: localhost\r\ncontent-length: 2000000\r\n\r\n{}`, 413],
  [
    "two lengths",
    `${WRITE}host: localhost\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  [
    "a bad piece",
    `${WRITE}host: localhost\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
    400,
  ],
  [
    "a path of 60 kB",
    `GET /api/runs/${"x".repeat(60_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
    431,
  ],
  ["no HTTP", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400],
])("a request with %s is refused, and nothing fails", async (_, text, status) => {
  const answer = await send(text);

  expect(answer).toStartWith(`HTTP/1.1 ${status} `);
  expect(failures()).toEqual([]);
});

test("who hangs up before the end of a body is no failure of the daemon's", async () => {
  const before = lines.length;

  await send(`${WRITE}host: localhost\r\ncontent-length: 100\r\n\r\n{"tags"`, { isCut: true });
  await until("it is on record", () => lines.length > before);

  expect(lines.at(-1)).toContain("POST /api/flows/backup/runs: 400");
  expect(failures()).toEqual([]);
});
