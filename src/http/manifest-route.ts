import type { Hono } from "hono";
import type { Generation, Manifest } from "../domain/flow.ts";
import { isoOf } from "../domain/instant.ts";
import type { ApiDeps } from "./api-deps.ts";

/** The config that is in force, as data. Its settings are left out: they may hold what is nobody's business. */
export interface ManifestView extends Omit<Manifest, "settings" | "blockTypes"> {
  readonly generation: number;
  readonly configPath: string;
  readonly acceptedAt: string;
}

/** `GET /api/config/manifest`: what an edited config is compared with. */
export function addManifestRoute(app: Hono, { generation }: Pick<ApiDeps, "generation">): void {
  app.get("/api/config/manifest", (c) => c.json(manifestView(generation())));
}

function manifestView({ number, configPath, acceptedAt, manifest }: Generation): ManifestView {
  const { flows, tasks, tagHooks, hookModules, limits } = manifest;
  const accepted = { generation: number, configPath, acceptedAt: isoOf(acceptedAt) };
  return { ...accepted, flows, tasks, tagHooks, hookModules, limits };
}
