import { randomUUID } from "node:crypto";
import type { ApiDeps } from "../http/api-deps.ts";
import { createApp } from "../http/app.ts";
import type { Send } from "./connect.ts";
import { userName } from "./user-name.ts";

/**
 * The API of a daemon in this process, for this process alone. Whoever opened the store may ask for everything:
 * the tokens in it are for those who come from outside.
 */
export function ownApp(api: ApiDeps): Send {
  const token = randomUUID();
  const app = createApp({ ...api, access: { ...api.access, isOwn: (text) => text === token } });
  const user = userName();
  return async (request) => {
    request.headers.set("authorization", `Bearer ${token}`);
    if (user !== undefined) request.headers.set("tocsin-user", user);
    return await app.fetch(request);
  };
}
