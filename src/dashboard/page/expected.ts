import { signal } from "@preact/signals";

/** A state as it is shown. */
export interface Mark {
  readonly type: string;
  readonly name: string;
}

interface Expected {
  readonly mark: Mark;
  /** How the thing was when it was asked for: once it is another, the daemon's own word counts. */
  readonly version: string;
}

const expected = signal<ReadonlyMap<string, Expected>>(new Map());
/** The daemon has said by then what became of it, or nothing did. */
const SHOWN_MS = 5_000;

/** What was asked for something, by its id, and is not known to be yet: it is shown at once. */
export function expectedOf(id: string, version: string): Mark | undefined {
  const one = expected.value.get(id);
  return one?.version === version ? one.mark : undefined;
}

/** Shows a mark until the thing has changed; answers what takes it back. */
export function expectMark(id: string, version: string, mark: Mark): () => void {
  const own: Expected = { mark, version };
  expected.value = new Map([...expected.peek(), [id, own]]);
  const forget = () => {
    if (expected.peek().get(id) !== own) return;
    expected.value = new Map([...expected.peek()].filter(([other]) => other !== id));
  };
  setTimeout(forget, SHOWN_MS);
  return forget;
}
