export interface UntilOptions {
  /** Shown when the wait is in vain. */
  readonly log?: () => string;
  readonly ms?: number;
}

const LOOK_MS = 10;
const LONG_MS = 30_000;

/**
 * Looks again and again until the probe answers something, and answers that; fails after half a minute,
 * which is no measure of speed but the sign that it will never be.
 */
export async function until<Found>(
  what: string,
  probe: () => Found | Promise<Found>,
  { log = () => "", ms = LONG_MS }: UntilOptions = {},
): Promise<Exclude<Found, undefined | false | null>> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const found = await probe();
    if (found !== undefined && found !== false && found !== null) {
      return found as Exclude<Found, undefined | false | null>;
    }
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
  throw new Error(`Waited in vain until ${what}\n${log()}`);
}
