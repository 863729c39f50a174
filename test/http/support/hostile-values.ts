import type { Json } from "../../../src/domain/json.ts";

/** What no address, query or header should be able to do harm with. */
export const HOSTILE_TEXTS: readonly string[] = [
  "",
  " ",
  "NaN",
  "-1",
  "0",
  "1.5",
  "1e999",
  "0x10",
  "9007199254740993",
  "99999999999999999999",
  "\0",
  "a\0b",
  "../../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  "C:\\windows\\win.ini",
  "' OR 1=1 --",
  `"; DROP TABLE run; --`,
  "%' OR '%'='",
  "__proto__",
  "constructor",
  "toString",
  "<script>alert(1)</script>",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what an attacker sends
  "${jndi:ldap://127.0.0.1/x}",
  "a\r\nset-cookie: x=1",
  "🔔".repeat(40),
  "\u202e\u0301\ufeff",
  "x".repeat(10_000),
  ",".repeat(5_000),
  "!",
  "!!,!",
  "true",
  "null",
  "{}",
  "2026-13-45T99:99:99Z",
  "0000-01-01T00:00:00Z",
  "9999-12-31T23:59:59Z",
  "2026-01-31T08:00:00+99:99",
  "999999999d",
  "99999999999999999999w",
  "-5d",
  "0s",
];

/** As they are in an address: what no encoding of a text would give. */
export const RAW_TEXTS: readonly string[] = [
  "%00",
  "%",
  "%zz",
  "%ff%fe",
  "%c0%ae%c0%ae%c0%af",
  "%ed%a0%80",
  "%2e%2e%2f",
  "%u0041",
  "a%0d%0ab",
  "[]",
  "a;b",
];

export const HOSTILE_JSON: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  [],
  {},
  [null],
  [[]],
  ["a", 1],
  Array.from({ length: 1_000 }, () => "x"),
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{}}}') as Json,
  nested(60),
  nested(500),
  "\ud800",
  ...HOSTILE_TEXTS,
];

/** Numbers that JSON can say and a program may not expect. */
export const RAW_JSON: readonly string[] = ["1e999", "-1e999", "-0", "1E400", "0.1e-400"];

/** Bodies that are no such body at all, by what is said of them. */
export const RAW_BODIES: readonly (readonly [
  type: string,
  body: string | Uint8Array<ArrayBuffer>,
])[] = [
  ["application/json", "{"],
  ["application/json", "nope"],
  ["application/json", "[]"],
  ["application/json", "null"],
  ["application/json", '"text"'],
  ["application/json", "7"],
  ["application/json", '{"a":1}{"b":2}'],
  ["application/json", '{"dup":1,"dup":2}'],
  ["application/json", "\ufeff{}"],
  ["application/json", '{"__proto__":1}'],
  ["application/json", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
  ["application/json", `{"a":${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}}`],
  ["application/json", new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ["application/json", new Uint8Array(64)],
  ["application/json", `{"a":"${"x".repeat(1_050_000)}"}`],
  ["application/json", `{"a":"${"x".repeat(3_000_000)}"}`],
  ["application/json; charset=utf-16", "{}"],
  ["text/plain", "{}"],
  ["application/x-www-form-urlencoded", "a=1"],
  ["multipart/form-data; boundary=x", "--x--"],
  ["application/jsonx", "{}"],
];

function nested(levels: number): Json {
  let value: Json = 1;
  for (let level = 0; level < levels; level += 1) value = { a: value };
  return value;
}
