import { describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { StartRefused } from "../../src/domain/start-refused.ts";
import { createApp } from "../../src/http/app.ts";
import { serveHttp } from "../../src/http/server.ts";
import { memoryDaemon } from "./support/memory-daemon.ts";

const app = createApp(memoryDaemon().api);
const FREE = { hostname: "127.0.0.1", port: 0 };

/** The status of a request whose Host no fetch would send. */
function rawStatus(url: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port) });
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("close", () => resolve(Number(text.split(" ")[1])));
    socket.on("error", reject);
    socket.write(`GET /api/runs?limit=1 HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  });
}

describe("serveHttp()", () => {
  test("answers over a socket until it is stopped, also twice", async () => {
    const server = await serveHttp(app, FREE);

    const alive = await fetch(`${server.url}/livez`);
    await server.stop();
    await server.stop();

    expect(await alive.text()).toBe("ok");
    expect(fetch(`${server.url}/livez`)).rejects.toThrow();
  });

  test("says that a port is in use", async () => {
    const server = await serveHttp(app, FREE);
    const port = Number(new URL(server.url).port);

    const rival = serveHttp(app, { hostname: "127.0.0.1", port });

    await expect(rival).rejects.toThrow(
      `Cannot listen on "127.0.0.1:${port}": the address is in use`,
    );
    await server.stop();
  });

  test.each(["0.0.0.0", "::", "192.0.2.1", "example.org"])("refuses %s", async (hostname) => {
    const refused = serveHttp(app, { hostname, port: 0 });

    await expect(refused).rejects.toThrow(StartRefused);
    await expect(refused).rejects.toThrow("needs a token");
  });

  test("refuses a host that is not its own, over a socket", async () => {
    const server = await serveHttp(app, FREE);

    const answer = await fetch(`${server.url}/api/status`, { headers: { host: "evil.example" } });

    expect(answer.status).toBe(421);
    await server.stop();
  });

  test.each(["localhost:99999", "localhost:x", "127.0.0.1:0/../x", "[::1"])(
    "a strange Host (%s) gives no 500",
    async (host) => {
      const daemon = memoryDaemon();
      await daemon.api.commands.triggerMany([{ flow: "backup" }, { flow: "backup" }]);
      const server = await serveHttp(createApp(daemon.api), FREE);

      const status = await rawStatus(server.url, host);

      expect([200, 400, 421]).toContain(status);
      await server.stop();
    },
  );

  test("ends while a request is in flight", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stuck = {
      fetch: () => {
        resolve();
        return new Promise<Response>(() => undefined);
      },
    };
    const server = await serveHttp(stuck, FREE);
    const request = fetch(server.url).catch(() => "closed");
    await promise;

    await server.stop();

    expect(await request).toBe("closed");
  });
});
