import type { Hono } from "hono";
import * as v from "valibot";
import { type BlockEntry, checkBlock, NoSuchBlock, SECRET_BLOCK_TYPES } from "../domain/blocks.ts";
import { isoOf } from "../domain/instant.ts";
import type { Json } from "../domain/json.ts";
import type { ApiDeps } from "./api-deps.ts";
import { Problem, quoted } from "./problems.ts";
import { readBody } from "./read-body.ts";

/** A block as the API shows it: without its value when the type is secret. */
export interface BlockView {
  readonly type: string;
  readonly name: string;
  readonly updatedAt: string;
  readonly secret: boolean;
  readonly value?: Json;
}

const Value = v.custom<Json>((value) => value !== undefined, "expected a value");
const BlockBody = v.strictObject({ value: Value, overwrite: v.optional(v.boolean(), false) });
const PATH = "/api/blocks/:type/:name";

/** `GET /api/blocks`, and GET, PUT, DELETE of one. The value of a secret type is never answered. */
export function addBlockRoutes(app: Hono, { blocks }: ApiDeps): void {
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
    const wrong = checkBlock(type, name, value);
    if (wrong !== undefined) {
      throw new Problem(400, `Cannot save block ${quoted(`${type}/${name}`)}: ${wrong}`);
    }
    await blocks.save({ type, name, value, overwrite });
    return c.json({ type, name, secret: SECRET_BLOCK_TYPES.includes(type) });
  });
  app.delete(PATH, async (c) => {
    const { type, name } = c.req.param();
    await blocks.delete(type, name);
    return c.body(null, 204);
  });
}

function blockView({ type, name, updatedAt }: BlockEntry): BlockView {
  return { type, name, updatedAt: isoOf(updatedAt), secret: SECRET_BLOCK_TYPES.includes(type) };
}

function shown(text: string): string {
  return quoted(text).slice(1, -1);
}
