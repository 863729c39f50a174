/** Calls `body` once for all calls of a turn, at its end: what one commit tells many times is acted on once. */
export function onceATurn(body: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    queueMicrotask(() => {
      asked = false;
      body();
    });
  };
}
