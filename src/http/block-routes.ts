import type { Hono } from "hono";
import * as v from "valibot";
import {
  BadBlock,
  type BlockEntry,
  type Blocks,
  checkBlock,
  type DeclaredBlockType,
  isBlockName,
  isSecretType,
  NoSuchBlock,
} from "../domain/blocks.ts";
import { isoOf } from "../domain/instant.ts";
import type { Json } from "../domain/json.ts";
import { quoted } from "./problems.ts";
import { readBody } from "./read-body.ts";

/** A block as the API shows it: without its value when the type is secret. */
export interface BlockView {
  readonly type: string;
  readonly name: string;
  readonly updatedAt: string;
  readonly secret: boolean;
  readonly value?: Json;
}

export interface BlockRouteDeps {
  readonly blocks: Blocks;
  /** The types that the newest config declares. */
  readonly declared: () => readonly DeclaredBlockType[];
}

const Value = v.pipe(
  v.custom<Json>((value) => value !== undefined, "expected a value"),
  v.description("What the type asks for."),
);
export const BlockBody = v.strictObject({
  value: Value,
  overwrite: v.optional(v.boolean(), false),
});
export const RekeyBody = v.strictObject({
  key: v.optional(
    v.pipe(v.string(), v.description("Base64 or hexadecimal; made where it is kept in a file.")),
  ),
});
const PATH = "/api/blocks/:type/:name";

/**
 * `GET /api/blocks`, GET, PUT and DELETE of one, and `POST /api/blocks/rekey`. The value of a secret type is
 * never answered.
 */
export function addBlockRoutes(app: Hono, { blocks, declared }: BlockRouteDeps): void {
  const blockView = ({ type, name, updatedAt }: BlockEntry): BlockView => {
    return { type, name, updatedAt: isoOf(updatedAt), secret: isSecretType(type, declared()) };
  };
  app.get("/api/blocks", async (c) => c.json({ items: (await blocks.list()).map(blockView) }));
  app.get(PATH, async (c) => {
    const { type, name } = c.req.param();
    const entries = await blocks.list();
    const entry = entries.find((entry) => entry.type === type && entry.name === name);
    if (entry === undefined) throw new NoSuchBlock(shown(type), shown(name));
    const view = blockView(entry);
    return c.json(view.secret ? view : { ...view, value: await blocks.load(type, name) });
  });
  app.put(PATH, async (c) => {
    const { type, name } = c.req.param();
    const { value, overwrite } = await readBody(c.req, BlockBody);
    const wrong = checkBlock({ type, name, value }, declared());
    if (wrong !== undefined) throw new BadBlock(shown(type), shown(name), wrong);
    await blocks.save({ type, name, value, overwrite });
    return c.json({ type, name, secret: isSecretType(type, declared()) });
  });
  app.delete(PATH, async (c) => {
    const { type, name } = c.req.param();
    if (!(isBlockName(type) && isBlockName(name))) throw new NoSuchBlock(shown(type), shown(name));
    await blocks.delete(type, name);
    return c.body(null, 204);
  });
  app.post("/api/blocks/rekey", async (c) => {
    const { key } = await readBody(c.req, RekeyBody);
    return c.json(await blocks.rekey(key));
  });
}

function shown(text: string): string {
  return quoted(text).slice(1, -1);
}
