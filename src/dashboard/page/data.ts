import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { type Answer, ask } from "./ask.ts";
import { pulse } from "./live.ts";

/** What is known of something that the daemon was asked for. */
export interface Data<Value> {
  /** The newest answer; it stays while it is asked for again. */
  readonly value: Value | undefined;
  readonly failure: { readonly status: number; readonly message: string } | undefined;
  reload(): void;
}

export interface DataOptions {
  /** Asked for once, and not again whenever something happens. */
  readonly once?: boolean;
  /** Not asked for more often, however much happens. */
  readonly calmMs?: number;
}

/** Asks for a path, and again whenever something may have changed. Nothing is asked while there is no path. */
export function useData<Value>(path: string | undefined, options: DataOptions = {}): Data<Value> {
  const state = useSignal<{ path: string | undefined; answer: Answer<Value> | undefined }>({
    path: undefined,
    answer: undefined,
  });
  const asking = useRef<string | undefined>(undefined);
  const isToAskAgain = useRef(false);
  const beat = useBeat(options);
  const load = useCallback(() => {
    if (path === undefined) return;
    // What happens while it is asked for may not be in the answer.
    isToAskAgain.current = asking.current === path;
    if (asking.current === path) return;
    asking.current = path;
    const before = state.peek().path === path ? state.peek().answer : undefined;
    void ask<Value>(path, before).then((answer) => {
      if (asking.current !== path) return;
      asking.current = undefined;
      const now = kept(answer, before);
      if (now !== before) state.value = { path, answer: now };
      if (isToAskAgain.current) load();
    });
  }, [path, state]);
  useLayoutEffect(load, [load, beat]);
  const answer = state.value.path === path ? state.value.answer : undefined;
  return {
    value: answer?.ok === true ? answer.value : undefined,
    failure: answer?.ok === false ? answer : undefined,
    reload: load,
  };
}

/** While the daemon is away, what it said last stays on the page; a badge says that it is old. */
function kept<Value>(answer: Answer<Value>, before: Answer<Value> | undefined): Answer<Value> {
  const isAway = !answer.ok && answer.status === 0;
  return isAway && before?.ok === true ? before : answer;
}

/** Changes when it is time to ask again. */
export function useBeat({ once = false, calmMs = 0 }: DataOptions): number {
  const beat = useSignal(pulse.peek());
  useEffect(() => {
    if (once) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = Date.now();
    const stop = pulse.subscribe((count) => {
      if (count === beat.peek() || timer !== undefined) return;
      timer = setTimeout(
        () => {
          timer = undefined;
          last = Date.now();
          beat.value = pulse.peek();
        },
        Math.max(0, last + calmMs - Date.now()),
      );
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [once, calmMs, beat]);
  return beat.value;
}
