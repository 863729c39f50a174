import { describe, expect, test } from "bun:test";
import { flowsOf, imported } from "./imported.ts";
import { numbersFrom } from "./numbers-from.ts";

const PARTS = [
  ..."'\"\\%` =;$\té'\"".split(""),
  ..."\\% {x} && /path/to/thing word \\n \\' \\\" // /* */ \u007f \u2028".split(" "),
];

function anyCrontab(seed: number): string {
  const pick = numbersFrom(seed);
  const text = () => Array.from({ length: 1 + pick(40) }, () => PARTS[pick(PARTS.length)]).join("");
  const minutes = () => Array.from({ length: 1 + pick(40) }, () => pick(60)).join(",");
  const line = () =>
    [
      `V${pick(5)}${pick(4) === 0 ? "-x" : ""}=${text()}`,
      `# ${text()}`,
      "",
      `${minutes()} * * * * ${text()}`,
    ][pick(6)] ?? `# ${text()}\n${pick(60)} * * * * x${text()}`;
  return Array.from({ length: 150 }, line).join("\n");
}

/** The flows that a config defines, evaluated without tocsin. */
function evaluated(config: string): readonly Record<string, unknown>[] {
  const code = config
    .replace(/^import .*\n/m, "const command = (o) => o, defineConfig = (o) => o;\n")
    .replace(" as const", "")
    .replace("export default", "return");
  return new Function(code)().flows;
}

describe("the config of any crontab", () => {
  for (const seed of [1, 2, 3]) {
    const { config, flows } = imported(anyCrontab(seed));

    test(`holds the very texts of the crontab (${seed})`, async () => {
      const found = evaluated(config).map(({ argv, stdin, description, env }) => ({
        argv,
        stdin,
        description,
        env: env ?? {},
      }));

      expect(found).toEqual(
        flows.map(({ argv, stdin, description, env }) => ({ argv, stdin, description, env })),
      );
      expect(await flowsOf(config)).toHaveLength(flows.length);
    });

    test(`is laid out as biome lays it out (${seed})`, () => {
      const biome = ["node_modules/.bin/biome", "format", "--stdin-file-path=flows.config.ts"];
      const { stdout } = Bun.spawnSync(biome, { stdin: new TextEncoder().encode(config) });

      expect(stdout.toString()).toBe(config);
    }, 30_000);
  }
});
