import type { FlowSpec, Generation, HookSpec } from "../domain/flow.ts";
import { hooksOf } from "../domain/hook-list.ts";

/** The newest accepted config, looked up by name. */
export interface Book {
  newest(): Generation;
  flowNamed(name: string): FlowSpec | undefined;
  hookOf(key: string): HookSpec | undefined;
  turnTo(generation: Generation): void;
}

export function openBook(first: Generation): Book {
  let page = pageOf(first);
  return {
    newest: () => page.generation,
    flowNamed: (name) => page.flows.get(name),
    hookOf: (key) => page.hooks.get(key),
    turnTo(generation) {
      page = pageOf(generation);
    },
  };
}

function pageOf(generation: Generation) {
  const { manifest } = generation;
  return {
    generation,
    flows: new Map<string, FlowSpec>(manifest.flows.map((flow) => [flow.name, flow])),
    hooks: new Map<string, HookSpec>(hooksOf(manifest).map((hook) => [hook.key, hook])),
  };
}
