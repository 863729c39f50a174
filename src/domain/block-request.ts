import type { Json } from "./json.ts";

/** What a flow or a hook asks of the stored blocks. References are `type/name`. */
export type BlockRequest =
  | { readonly kind: "block-load"; readonly reference: string }
  | {
      readonly kind: "block-save";
      readonly type: string;
      readonly name: string;
      readonly value: Json;
      readonly overwrite: boolean;
      /** The thread has held the value against the schema of the type, which its config declares. */
      readonly checked?: boolean;
    }
  | { readonly kind: "block-delete"; readonly reference: string };
