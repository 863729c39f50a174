import { dlopen, ptr } from "bun:ffi";

/** A unix datagram socket that is listened on, as systemd does for its services. */
export interface Datagrams extends Disposable {
  /** Everything that came so far, each datagram as its lines. */
  received(): readonly string[];
}

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;

/** Listens on a path, or where it begins with `@` on a name that is in no folder. */
export function listenForDatagrams(path: string): Datagrams {
  const libc = openLibrary();
  const name = Buffer.from(path.startsWith("@") ? `\0${path.slice(1)}` : `${path}\0`);
  const address = Buffer.concat([Buffer.from(new Uint16Array([AF_UNIX]).buffer), name]);
  const socket = libc.socket(AF_UNIX, SOCK_DGRAM, 0);
  if (libc.bind(socket, ptr(address), address.length) !== 0) {
    throw new Error(`Cannot listen on "${path}"`);
  }
  const all: string[] = [];
  const buffer = Buffer.alloc(4_096);
  return {
    received() {
      for (;;) {
        const length = Number(libc.recv(socket, ptr(buffer), buffer.length, MSG_DONTWAIT));
        if (length < 0) return all;
        all.push(buffer.toString("utf8", 0, length));
      }
    },
    [Symbol.dispose]: () => void libc.close(socket),
  };
}

const SYMBOLS = {
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
  recv: { args: ["i32", "ptr", "u64", "i32"], returns: "i64" },
  close: { args: ["i32"], returns: "i32" },
} as const;

function openLibrary() {
  const names = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];
  for (const name of names) {
    try {
      return dlopen(name, SYMBOLS).symbols;
    } catch {
      // The name of another C library.
    }
  }
  throw new Error(`Cannot open the C library: there is none of ${names.join(", ")}`);
}
