import type { BlockRequest } from "./domain/block-request.ts";
import type { Blocks } from "./domain/blocks.ts";
import type { Json } from "./domain/json.ts";

/** What flows and hooks may ask of the main thread. */
export async function answerBlockRequest(blocks: Blocks, call: BlockRequest): Promise<Json> {
  switch (call.kind) {
    case "block-load":
      return await blocks.load(...placeOf(call.reference));
    case "block-save":
      await blocks.save(call);
      return null;
    case "block-delete":
      await blocks.delete(...placeOf(call.reference));
      return null;
  }
}

function placeOf(reference: string): [type: string, name: string] {
  const slash = reference.indexOf("/");
  if (slash <= 0)
    throw new Error(`Cannot find block "${reference}": expected type/name, such as secret/token`);
  return [reference.slice(0, slash), reference.slice(slash + 1)];
}
