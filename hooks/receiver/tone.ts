import type { Tone } from "./summary.ts";

/** How urgent a message is: a whole number, or one per tone, where those left out keep what they are by default. */
export type Priority = number | Partial<Readonly<Record<Tone, number>>>;

/** What holds for the tone. */
export function forTone(
  given: Priority | undefined,
  defaults: Readonly<Record<Tone, number>>,
  tone: Tone,
): number {
  return typeof given === "number" ? given : (given?.[tone] ?? defaults[tone]);
}

/** Refuses, while the config is read, a priority that the receiver does not have. */
export function checkedPriority(
  given: Priority | undefined,
  option: string,
  [least, most]: readonly [number, number],
): Priority | undefined {
  const isOne = (value: unknown) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
  const isPerTone =
    typeof given === "object" &&
    given !== null &&
    Object.entries(given).every(([tone, value]) => isTone(tone) && isOne(value));
  if (given === undefined || isOne(given) || isPerTone) return given;
  throw new TypeError(
    `Cannot make ${option}: it is ${JSON.stringify(given)}, expected a whole number from ${least} to ${most}, or one per tone, such as { bad: ${most} }`,
  );
}

function isTone(name: string): name is Tone {
  return ["good", "bad", "warning", "neutral"].includes(name);
}
