import dgram from "node:dgram";
import net from "node:net";
import type { Outside } from "../sdk/outside-notes.ts";

/** Of Bun and Deno: functions that connect, and objects that do so when they are used. */
const BUN_CONNECTS = ["connect", "udpSocket", "SQL", "RedisClient", "S3Client"] as const;
const BUN_CLIENTS = ["sql", "postgres", "redis", "s3"] as const;
const DENO_CONNECTS = ["connect", "connectTls", "connectQuic", "openKv"] as const;

/** Refuses connections other than by `fetch` while a hook is tried: what they would answer is not known. */
export function holdSockets(outside: () => Outside | undefined): void {
  const refused = (what: string) => refusal(outside(), what);
  holdStreams(refused);
  holdDatagrams(refused);
  const runtime = (name: string): object => Object(Reflect.get(globalThis, name));
  hold(globalThis, ["WebSocket", "EventSource", "Worker"], refused);
  hold(runtime("Bun"), BUN_CONNECTS, refused);
  hold(runtime("Deno"), DENO_CONNECTS, refused);
  holdClients(runtime("Bun"), refused);
}

type Refused = (what: string) => Error | undefined;

/** Notes what was asked, and answers the error that it ends in; undefined while nothing is tried. */
function refusal(outside: Outside | undefined, what: string): Error | undefined {
  if (outside === undefined) return undefined;
  outside.begin({ request: what })("refused, as the hook is only tried");
  return new Error(`Cannot ${what}: the hook is only tried; with --send it is performed`);
}

/** Every socket of node:net, node:tls, node:http, node:https and node:http2 connects through this. */
function holdStreams(refused: Refused): void {
  const { connect } = net.Socket.prototype;
  Reflect.set(net.Socket.prototype, "connect", function held(this: net.Socket, ...args: unknown[]) {
    const error = refused(`connect to ${placeOf(args)}`);
    if (error === undefined) return Reflect.apply(connect, this, args);
    return this.destroy(error);
  });
}

/** `connect({ host, port })`, `connect({ path })`, `connect(port, host)`, or a list of such. */
function placeOf(args: readonly unknown[]): string {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first !== "object" || first === null) {
    return typeof second === "string" ? `${second}:${String(first)}` : String(first);
  }
  const path: unknown = Reflect.get(first, "path");
  const port: unknown = Reflect.get(first, "port");
  if (port === undefined) return typeof path === "string" ? path : "a socket";
  return `${String(Reflect.get(first, "host") ?? "localhost")}:${String(port)}`;
}

function holdDatagrams(refused: Refused): void {
  for (const name of ["send", "connect"] as const) {
    const real: unknown = Reflect.get(dgram.Socket.prototype, name);
    if (typeof real !== "function") continue;
    Reflect.set(dgram.Socket.prototype, name, function held(this: unknown, ...args: unknown[]) {
      const error = refused("send a datagram");
      if (error !== undefined) throw error;
      return Reflect.apply(real, this, args);
    });
  }
}

function hold(owner: object, names: readonly string[], refused: Refused): void {
  for (const name of names) {
    const real: unknown = Reflect.get(owner, name);
    if (typeof real !== "function") continue;
    const throwing = () => {
      const error = refused(`use ${name}`);
      if (error !== undefined) throw error;
    };
    const held = new Proxy(real, {
      apply(target, self, args) {
        throwing();
        return Reflect.apply(target, self, args);
      },
      construct(target, args, made) {
        throwing();
        return Reflect.construct(target, args, made);
      },
    });
    Reflect.set(owner, name, held);
  }
}

/** Clients that are there from the start, such as `Bun.redis`: any use of them is refused. */
function holdClients(bun: object, refused: Refused): void {
  for (const name of BUN_CLIENTS) {
    const real: unknown = Reflect.get(bun, name);
    if ((typeof real !== "object" && typeof real !== "function") || real === null) continue;
    const check = () => {
      const error = refused(`use Bun.${name}`);
      if (error !== undefined) throw error;
    };
    const held = new Proxy(real, {
      get(target, key) {
        if (typeof key === "string") check();
        return Reflect.get(target, key);
      },
      apply(target, self, args) {
        check();
        return Reflect.apply(target as () => unknown, self, args);
      },
    });
    Reflect.set(bun, name, held);
  }
}
