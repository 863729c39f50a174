import type { HookSettings, Moment } from "../../src/sdk/mod.ts";

/** Refuses, while the config is read, moments at which a hook can do nothing. The types say so, but not to all. */
export function refuseMoments(
  { on = [] }: Pick<HookSettings, "on">,
  refused: readonly Moment[],
  { option, why }: { readonly option: string; readonly why: string },
): void {
  const given = [on].flat().find((moment) => refused.includes(moment));
  if (given !== undefined) throw new TypeError(`Cannot make ${option}: at "${given}" ${why}`);
}
