import { createServer, type Socket } from "node:net";

/** What a receiver may do to those who ask it. */
export type Hostility =
  | "hangs"
  | "drips"
  | "refuses"
  | "asks for time"
  | "redirects"
  | "closes"
  | "never ends";

export interface HostileReceiver extends AsyncDisposable {
  readonly url: string;
  /** Connections at once, at the most. */
  atOnce(): number;
  /** Requests so far. */
  requests(): number;
  /** Bytes that it could get rid of. */
  sent(): number;
}

/** A real server below HTTP, so that it can break its rules. `elsewhere` is where it redirects to. */
export async function aHostileReceiver(
  hostility: Hostility,
  elsewhere = "http://127.0.0.1:1/",
): Promise<HostileReceiver> {
  const open = new Set<Socket>();
  const seen = { atOnce: 0, requests: 0, sent: 0 };
  const server = createServer((socket) => {
    open.add(socket);
    seen.atOnce = Math.max(seen.atOnce, open.size);
    socket.on("error", () => {});
    socket.on("close", () => {
      open.delete(socket);
      seen.sent += socket.bytesWritten;
    });
    socket.once("data", () => {
      seen.requests += 1;
      REACTIONS[hostility](socket, elsewhere);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("there is no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    atOnce: () => seen.atOnce,
    requests: () => seen.requests,
    sent: () => seen.sent,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const REACTIONS: Readonly<Record<Hostility, (socket: Socket, elsewhere: string) => void>> = {
  hangs() {},
  drips(socket) {
    socket.write("HTTP/1.1 500 Slow\r\ncontent-length: 100000\r\n\r\n");
    const drop = setInterval(() => socket.write("."), 1_000);
    socket.on("close", () => clearInterval(drop));
  },
  refuses: (socket) => answer(socket, "500 Broken"),
  "asks for time": (socket) => answer(socket, "429 Later", "retry-after: 1\r\n"),
  redirects: (socket, elsewhere) => answer(socket, "302 Elsewhere", `location: ${elsewhere}\r\n`),
  closes: (socket) => socket.destroy(),
  "never ends"(socket) {
    socket.write("HTTP/1.1 500 Endless\r\ncontent-length: 100000000000\r\n\r\n");
    const block = Buffer.alloc(65_536, "x");
    const pour = () => {
      while (!socket.destroyed && socket.write(block));
    };
    socket.on("drain", pour);
    pour();
  },
};

function answer(socket: Socket, status: string, headers = ""): void {
  socket.end(`HTTP/1.1 ${status}\r\n${headers}content-length: 0\r\nconnection: close\r\n\r\n`);
}
