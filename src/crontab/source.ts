/** A value of the config's source: a text, source as it is, a list, or an object. */
export type Source =
  | string
  | { readonly code: string }
  | readonly Source[]
  | ReadonlyMap<string, Source>;

/** As wide as biome and prettier are told to be here; `tocsin init` writes it so too. */
const WIDTH = 100;
const SHORT_KEY = 4;

/** `const name = value;`, laid out as biome lays it out. */
export function constant(name: string, value: Source): string {
  return placed(`const ${name} = `, value, { indent: 0, end: ";" });
}

/** The lines of `{ … }` or `command({ … })`, one property a line. */
export function properties(map: ReadonlyMap<string, Source>, indent: number): string {
  return [...map]
    .map(([key, value]) => {
      const name = keyOf(key);
      const isSame = typeof value === "object" && "code" in value && value.code === name;
      const isSpread = key.startsWith("...");
      if (isSame || isSpread) return `${" ".repeat(indent)}${isSpread ? key : name},\n`;
      return `${" ".repeat(indent)}${placed(`${name}: `, value, { indent, end: "," })}\n`;
    })
    .join("");
}

interface Place {
  readonly indent: number;
  readonly end: string;
}

/** `head` and value on one line where they fit, else broken as the formatter breaks them. */
function placed(head: string, value: Source, { indent, end }: Place): string {
  const line = `${head}${flat(value)}${end}`;
  if (indent + [...line].length <= WIDTH || (typeof value === "object" && "code" in value)) {
    return line;
  }
  if (typeof value === "string") {
    // Little would be won by a line of its own for what has a short key.
    if (head.length - ": ".length <= SHORT_KEY) return line;
    return `${head.trimEnd()}\n${" ".repeat(indent + 2)}${quoted(value)}${end}`;
  }
  return `${head}${broken(value, indent)}${end}`;
}

function broken(value: readonly Source[] | ReadonlyMap<string, Source>, indent: number): string {
  const inner = " ".repeat(indent + 2);
  if (value instanceof Map) return `{\n${properties(value, indent + 2)}${" ".repeat(indent)}}`;
  const items = [...value].map((item) => `${inner}${flat(item)},\n`).join("");
  return `[\n${items}${" ".repeat(indent)}]`;
}

function flat(value: Source): string {
  if (typeof value === "string") return quoted(value);
  if ("code" in value) return value.code;
  if (!(value instanceof Map)) return `[${[...value].map(flat).join(", ")}]`;
  const pairs = [...value].map(([key, one]) => {
    const text = flat(one);
    return text === keyOf(key) ? text : `${keyOf(key)}: ${text}`;
  });
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}

function keyOf(key: string): string {
  return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(key) ? key : quoted(key);
}

/** A text in the quotes that need the fewest backslashes. */
function quoted(text: string): string {
  const json = JSON.stringify(text).replace(/[\u2028\u2029\u007f]/g, escaped);
  const doubles = text.split('"').length;
  const singles = text.split("'").length;
  if (doubles <= singles) return json;
  const inner = json.slice(1, -1).replace(/\\(.)|'/g, (pair, sign) => {
    if (pair === "'") return "\\'";
    return sign === '"' ? '"' : pair;
  });
  return `'${inner}'`;
}

/** Lines of a comment. What a JavaScript engine takes for the end of a line is made visible. */
export function comment(lines: readonly string[]): string {
  return lines
    .map((line) => {
      const text = line.replace(/[\0\r\u2028\u2029]/g, escaped).replace(/^ /, "");
      return `// ${text}`.trimEnd();
    })
    .map((line) => `${line}\n`)
    .join("");
}

function escaped(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
