import type { StatusView } from "../../http/api-deps.ts";
import { isTokenNeeded } from "./ask.ts";
import { useData } from "./data.ts";
import { place } from "./router.ts";

const CALM_MS = 3_000;
/** These say what is wrong themselves. */
const TOLD_AT: readonly string[] = ["/", "/system"];

/** That the newest edit of the config is not in force, wherever somebody looks. */
export function RefusedConfig() {
  const isTold = TOLD_AT.includes(place.value.path) || isTokenNeeded.value;
  const status = useData<StatusView>(isTold ? undefined : "/api/status", { calmMs: CALM_MS });
  const config = status.value?.config;
  if (config?.lastReloadProblems === undefined) return null;
  return (
    <p class="failure" role="alert">
      The newest edit of the config was refused: generation {config.generation} stays in force.{" "}
      <a href="/">What is wrong</a>
    </p>
  );
}
