const NONCE_BYTES = 12;

/** Seals texts with AES-256-GCM; what a text is sealed for (`context`) must be told again to open it. */
export interface Sealer {
  seal(text: string, context: string): Promise<string>;
  /** Answers undefined when the key is another, or the sealed text was changed or moved. */
  open(sealed: string, context: string): Promise<string | undefined>;
}

export async function sealerOf(key: Uint8Array<ArrayBuffer>): Promise<Sealer> {
  const imported = await crypto.subtle.importKey("raw", key, "AES-GCM", false, [
    "encrypt",
    "decrypt",
  ]);
  return {
    async seal(text, context) {
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      const sealed = await crypto.subtle.encrypt(
        parametersOf(nonce, context),
        imported,
        new TextEncoder().encode(text),
      );
      return Buffer.concat([nonce, Buffer.from(sealed)]).toString("base64");
    },
    async open(sealed, context) {
      const bytes = Buffer.from(sealed, "base64");
      try {
        const nonce = new Uint8Array(bytes.subarray(0, NONCE_BYTES));
        const text = await crypto.subtle.decrypt(
          parametersOf(nonce, context),
          imported,
          new Uint8Array(bytes.subarray(NONCE_BYTES)),
        );
        return new TextDecoder().decode(text);
      } catch {
        return undefined;
      }
    },
  };
}

function parametersOf(nonce: Uint8Array<ArrayBuffer>, context: string): AesGcmParams {
  return { name: "AES-GCM", iv: nonce, additionalData: new TextEncoder().encode(context) };
}
