import { spawn } from "node:child_process";

/** Tells the service manager something: lines such as `READY=1`. Never throws, and never waits for an answer. */
export type Notify = (lines: string) => void;

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 0o2000002;
const MSG_NOSIGNAL = 0x4000;
/** The path of a socket has so much room in its address (unix(7)). */
const PATH_MAX_BYTES = 107;

const LIBRARIES = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];

/**
 * The way to the socket that systemd named (sd_notify(3)). Neither Bun nor Node sends unix datagrams, so the C
 * library is called; where it cannot be, `systemd-notify` does it, which counts only with NotifyAccess=all.
 */
export async function openNotifySocket(path: string): Promise<Notify> {
  const send = await openDatagrams(path);
  return send ?? ((lines) => notifyByChild(path, lines));
}

/** The part of `bun:ffi` that is used here; the module is not there under Deno, nor are its types. */
interface Ffi {
  dlopen(library: string, symbols: object): { readonly symbols: CLibrary };
  ptr(bytes: Uint8Array): number;
}

interface CLibrary {
  socket(domain: number, type: number, protocol: number): number;
  sendto(...args: readonly [number, number, number, number, number, number]): number | bigint;
}

const SYMBOLS = {
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  sendto: { args: ["i32", "ptr", "u64", "i32", "ptr", "u32"], returns: "i64" },
};

async function openDatagrams(path: string): Promise<Notify | undefined> {
  const address = addressOf(path);
  if (!("Bun" in globalThis) || address === undefined) return undefined;
  const name = "bun:ffi";
  const ffi = (await import(name)) as Ffi;
  const library = loadLibrary(ffi);
  const socket = library?.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0) ?? -1;
  if (library === undefined || socket < 0) return undefined;
  return (lines) => {
    const text = Buffer.from(lines);
    const to = [ffi.ptr(address), address.length] as const;
    library.sendto(socket, ffi.ptr(text), text.length, MSG_NOSIGNAL, ...to);
  };
}

function loadLibrary(ffi: Ffi): CLibrary | undefined {
  for (const name of LIBRARIES) {
    try {
      return ffi.dlopen(name, SYMBOLS).symbols;
    } catch {
      // The name of another C library.
    }
  }
  return undefined;
}

/** A socket's address as the kernel takes it; `@` begins a name that is in no folder. */
function addressOf(path: string): Buffer | undefined {
  const isAbstract = path.startsWith("@");
  const name = Buffer.from(isAbstract ? `\0${path.slice(1)}` : `${path}\0`);
  if (!/^[@/]/.test(path) || name.length > PATH_MAX_BYTES + 1) return undefined;
  const family = Buffer.alloc(2);
  new Uint16Array(family.buffer, family.byteOffset, 1)[0] = AF_UNIX;
  return Buffer.concat([family, name]);
}

function notifyByChild(path: string, lines: string): void {
  const env = { ...process.env, NOTIFY_SOCKET: path };
  const args = [`--pid=${process.pid}`, ...lines.split("\n")];
  const child = spawn("systemd-notify", args, { env, stdio: "ignore" });
  child.once("error", () => undefined);
}
