import * as v from "valibot";
import { durationMs } from "../src/domain/duration.ts";

/** Where a server listens. */
export interface Address {
  readonly hostname: string;
  readonly port: number;
}

interface Limits {
  readonly least: number;
  readonly most: number;
}

/** Milliseconds, written as a duration such as `"30s"`, or as a number of milliseconds. */
export function duration(limits: { readonly least: string; readonly most: string }) {
  return read(`a duration such as "30s", from ${limits.least} to ${limits.most}`, (value) =>
    within(durationMs(asNumber(value) ?? value), {
      least: durationMs(limits.least) ?? 0,
      most: durationMs(limits.most) ?? 0,
    }),
  );
}

/** A whole number, from a config as a number, from flags and environment as digits. */
export function count(limits: Limits) {
  return read(`a whole number from ${limits.least} to ${limits.most}`, (value) =>
    within(asNumber(value), limits),
  );
}

const UNIT_BYTES = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20 } as const;

/** A number of bytes: 65536, `"64KiB"`, `"1MiB"`. */
export function bytes(limits: Limits) {
  return read(`a size such as "64KiB", from ${limits.least} to ${limits.most} bytes`, (value) => {
    const [, digits, unit] = /^(\d+) ?(B|KiB|MiB)$/.exec(String(value)) ?? [];
    const size = Number(digits) * (UNIT_BYTES[unit as keyof typeof UNIT_BYTES] ?? Number.NaN);
    return within(digits === undefined ? asNumber(value) : size, limits);
  });
}

const ADDRESS = /^(?:(?:\[([\da-f:.]+)\]|([^\s:/[\]]*)):)?(\d{1,5})$/i;

/** `127.0.0.1:8627`, `[::1]:8627`, `localhost:0`; `:8627` and `8627` are on this machine. */
export function address() {
  return read(`an address and port such as "127.0.0.1:8627"`, (value): Address | undefined => {
    const [, six, name, digits] = ADDRESS.exec(String(value)) ?? [];
    const port = within(asNumber(digits), { least: 0, most: 65_535 });
    return port === undefined ? undefined : { hostname: six ?? (name || "127.0.0.1"), port };
  });
}

/** An http or https address, without a slash at its end. */
export function webAddress() {
  return read(`an address such as "https://tocsin.example.org"`, (value) => {
    const url = typeof value === "string" ? URL.parse(value) : null;
    if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
    if (url.username !== "" || url.search !== "" || url.hash !== "") return undefined;
    return url.href.replace(/\/+$/, "");
  });
}

/** One of several words. */
export function choice<const Word extends string>(words: readonly Word[]) {
  const expected = words.map((word) => `"${word}"`).join(" or ");
  return read(expected, (value): Word | undefined => words.find((word) => word === value));
}

const HOST_NAME = /^(?!-)[a-z\d.-]{1,253}(?::\d{1,5})?$/i;

/** Names of hosts, with a port where it belongs to them: a list, or one text with commas. */
export function hostNames() {
  return read('names of hosts such as "tocsin.example.org"', (value) => {
    const names = typeof value === "string" ? value.split(",").map((name) => name.trim()) : value;
    const areNames =
      Array.isArray(names) &&
      names.length <= 50 &&
      names.every((name): name is string => typeof name === "string" && HOST_NAME.test(name));
    return areNames ? names : undefined;
  });
}

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const SERVER = /^(?:libsql|https?):\/\//i;

/** The path of a file, or the address of a server; a secret in an address would be seen by everybody. */
export function storePlace() {
  const expected =
    'a path, or a server\'s address such as "libsql://name.example.org" without a token in it (TOCSIN_STORE_TOKEN)';
  return read(expected, (value) => {
    if (typeof value !== "string" || value.trim() === "" || value.includes("\0")) return undefined;
    return SCHEME.test(value) ? plainAddress(value) : value;
  });
}

function plainAddress(text: string): string | undefined {
  const url = SERVER.test(text) ? URL.parse(text) : null;
  if (url === null || `${url.search}${url.hash}${url.username}${url.password}` !== "") {
    return undefined;
  }
  return url.hostname === "" ? undefined : text.replace(/\/+$/, "");
}

/** An address as it may be shown that should have had no secret in it. */
export function withoutSecrets(value: unknown): unknown {
  if (typeof value !== "string" || !SCHEME.test(value)) return value;
  return value.replace(/[?#].*$/s, "?…").replace(/\/\/[^/]*@/, "//…@");
}

/** A schema of one value: `reader` answers undefined for what is not `expected`. */
function read<Value>(expected: string, reader: (value: unknown) => Value | undefined) {
  return v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const value = reader(dataset.value);
      if (value !== undefined) return value;
      addIssue({ message: `expected ${expected}` });
      return NEVER;
    }),
  );
}

function asNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\d+$/.test(value) ? Number(value) : undefined;
}

function within(value: number | undefined, { least, most }: Limits): number | undefined {
  return Number.isSafeInteger(value) && value !== undefined && value >= least && value <= most
    ? value
    : undefined;
}
