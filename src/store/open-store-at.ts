import { type OpenStoreOptions, openStore, type Store } from "./open-store.ts";
import { fileOf, isServer } from "./store-place.ts";

export interface OpenAtOptions extends Omit<OpenStoreOptions, "path"> {
  /** Where a server's token is looked for. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told of the token before anything can be said of it. */
  readonly onToken?: (token: string) => void;
  /** Told what is waited for. */
  readonly onNote?: (note: string) => void;
}

/** Opens the store at a place, alone: a file, or a server's. Throws StartRefused as `openStore` does. */
export async function openStoreAt(place: string, options: OpenAtOptions): Promise<Store> {
  if (!isServer(place)) return openStore({ ...options, path: place });
  const [{ openRemoteStore }, { findServerToken }] = await Promise.all([
    import("./open-remote-store.ts"),
    import("./server-token.ts"),
  ]);
  const token = findServerToken(place, options.env);
  if (token !== undefined) options.onToken?.(token);
  const onLost = options.onLost ?? (() => undefined);
  return await openRemoteStore({ ...options, path: fileOf(place), url: place, token, onLost });
}
