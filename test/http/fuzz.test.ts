import { expect, test } from "bun:test";
import type { Json, JsonObject } from "../../src/domain/json.ts";
import {
  API_OPERATIONS,
  type ApiOperation,
  type ApiParameter,
  faultsOf,
} from "../support/api-document.ts";
import { type ApiScene, anApiScene, SECRET } from "../support/api-scene.ts";
import { until } from "../support/until.ts";
import {
  HOSTILE_JSON,
  HOSTILE_TEXTS,
  RAW_BODIES,
  RAW_JSON,
  RAW_TEXTS,
} from "./support/hostile-values.ts";

const STORY_MS = 180_000;
const SEED = Number(process.env["TOCSIN_FUZZ_SEED"] ?? 20_260_131);
/** Requests of one operation, and of those that begin a thread, a process or a copy. */
const EACH = Number(process.env["TOCSIN_FUZZ_EACH"] ?? 110);
const HEAVY_EACH = 14;
const HEAVY = new Set(["backUpStore", "checkStore", "reloadConfig", "testHook", "rekeyBlocks"]);
const AT_ONCE = 8;
const ANSWER_MAX_MS = 20_000;
const PROBLEM_MAX = 8_000;

interface Attack {
  readonly operation: ApiOperation;
  /** What is tried, for people. */
  readonly what: string;
  readonly address: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** Numbers from 0 to 1 that are the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ item }) => item);
}

/** Values that fit, so that only one thing at a time does not. */
function placesOf({ runs, dead }: ApiScene): Readonly<Record<string, string>> {
  return {
    ...{ run: runs.good.id, flow: "good", delivery: dead, backfill: "none", hook: "note" },
    ...{ type: "json", name: "fuzzed" },
  };
}

function attacksOn(operation: ApiOperation, there: ApiScene): readonly Attack[] {
  const places = placesOf(there);
  const addressWith: AddressWith = (changed = {}) =>
    operation.path.replace(
      /\{(\w+)\}/g,
      (_, name: string) => changed[name] ?? encodeURIComponent(places[name] ?? "x"),
    );
  const inParameters = operation.parameters.flatMap((parameter) =>
    [...HOSTILE_TEXTS.map(encodeText), ...RAW_TEXTS, TWICE].flatMap((text) => {
      const asked = askedWith(parameter, text, addressWith);
      const what = `${parameter.in} ${parameter.name} ${text.slice(0, 40)}`;
      return asked === undefined ? [] : [{ operation, what, ...asked }];
    }),
  );
  return [...inParameters, ...bodiesFor(operation, addressWith())].map(withBody);
}

type AddressWith = (changed?: Readonly<Record<string, string>>) => string;

const TWICE = "1&again";

function askedWith(
  { name, in: place }: ApiParameter,
  text: string,
  addressWith: AddressWith,
): Pick<Attack, "address" | "headers"> | undefined {
  const address = addressWith();
  switch (place) {
    case "query":
      return { address: `${address}?${name}=${text === TWICE ? `1&${name}=2&${name}[]=3` : text}` };
    case "header":
      return { address, headers: { [name]: text } };
    case "path":
      // An address that ends sooner, or leads elsewhere, is another operation's.
      return /^(?:%20)?$/.test(text) ? undefined : { address: addressWith({ [name]: text }) };
  }
}

/** A write that is not about its body has one that fits. */
function withBody(attack: Attack): Attack {
  const { example, method } = attack.operation;
  if (attack.body !== undefined || method === "GET" || method === "DELETE") return attack;
  return { ...attack, body: JSON.stringify(example.body ?? {}) };
}

function bodiesFor(operation: ApiOperation, address: string): readonly Attack[] {
  const { body: schema, example } = operation;
  if (schema === undefined) return [];
  const fits = (example.body ?? {}) as JsonObject;
  const fields = Object.keys((schema["properties"] ?? {}) as JsonObject);
  const bodyWith = (field: string, value: string) => {
    const others = Object.entries(fits).filter(([name]) => name !== field);
    const pairs = [...others.map(([name, one]) => pairOf(name, JSON.stringify(one)))];
    return `{${[...pairs, pairOf(field, value)].join(",")}}`;
  };
  const values = [...HOSTILE_JSON.map((value: Json) => JSON.stringify(value)), ...RAW_JSON];
  const inFields = [...fields, "nonsense", "__proto__"].flatMap((field) =>
    values.map((value) => ({
      ...{ operation, address, body: bodyWith(field, value) },
      what: `body ${field} ${value.slice(0, 40)}`,
    })),
  );
  const whole = RAW_BODIES.map(([type, body]) => ({
    ...{ operation, address, body, headers: { "content-type": type } },
    what: `${type} ${String(body).slice(0, 40)}`,
  }));
  return [...inFields, ...whole];
}

function pairOf(name: string, value: string): string {
  return `${JSON.stringify(name)}:${value}`;
}

function encodeText(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** What is wrong with an answer, whatever was asked. */
async function faultsIn(attack: Attack, url: string, folder: string): Promise<readonly string[]> {
  const { operation, what, address, headers = {}, body } = attack;
  const type = operation.method === "GET" ? {} : { "content-type": "application/json" };
  const answer = await fetch(url + address, {
    method: operation.method,
    headers: { ...type, ...headers },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(ANSWER_MAX_MS),
  });
  const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream") === true;
  if (isStream) await answer.body?.cancel();
  const text = isStream ? "" : await answer.text();
  const found = faultsOf(operation, { status: answer.status, headers: answer.headers, text });
  const told = answer.status < 400 ? [] : leaksIn(operation, text, folder);
  return [...found, ...told.map((fault) => `${fault}: ${text.slice(0, 300)}`)].map(
    (fault) => `${operation.route} ${what}: ${fault}`,
  );
}

/** Whoever asks for these is told where the file is in any case. */
const NAMES_FILES = /^\/api\/(?:store|config)/;

/** What a problem tells that it must not. */
function leaksIn({ path }: ApiOperation, text: string, folder: string): readonly string[] {
  const isStack = /\n\s+at .*:\d+:\d+|node_modules|\/src\/\w+\//.test(text);
  const leaks: readonly (readonly [string, boolean])[] = [
    ["it tells where files are", text.includes(folder) && !NAMES_FILES.test(path)],
    ["it tells a secret", text.includes(SECRET)],
    ["it shows a stack", isStack],
    ["it repeats what it was sent", text.length > PROBLEM_MAX],
  ];
  return leaks.filter(([, is]) => is).map(([leak]) => leak);
}

test(
  "no value that the document has a place for makes the daemon fail, hang or tell what it must not",
  async () => {
    await using there = await anApiScene({ TOCSIN_LOOPBACK: "open" });
    const { daemon, scene } = there;
    const random = randomOf(SEED);
    const secret = { value: SECRET, overwrite: true };
    await fetch(`${daemon.url}/api/blocks/secret/kept`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(secret),
    });
    const attacks = API_OPERATIONS.flatMap((operation) =>
      shuffled(attacksOn(operation, there), random).slice(
        0,
        HEAVY.has(operation.id) ? HEAVY_EACH : EACH,
      ),
    );
    const waiting = shuffled(attacks, random);
    const faults: string[] = [];

    const attack = async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const { route } = next.operation;
        const { what } = next;
        const found = faultsIn(next, daemon.url, scene.folder);
        faults.push(...(await found.catch((error) => [`${route} ${what}: no answer: ${error}`])));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, attack));

    expect(faults.slice(0, 20)).toEqual([]);
    expect(attacks.length).toBeGreaterThan(2_000);
    expect((await daemon.get("/readyz")).text).toBe("ok");
    // Not compared as a whole: the log of thousands of requests cannot be read.
    const failures = daemon
      .log()
      .split("\n")
      .filter((line) => line.includes("Cannot answer"));
    expect(failures).toEqual([]);
    daemon.signal("SIGTERM");
    await until("it hears", () => daemon.log().includes("stops on SIGTERM"));
    // Runs that go on are not waited for.
    expect(await daemon.stop()).toBe(0);
    expect(await scene.tocsin(["db", "check"])).toMatchObject({ code: 0 });
  },
  STORY_MS,
);
