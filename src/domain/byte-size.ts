const UNITS = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
} as const;
const WHOLE = /^(\d+(?:\.\d+)?) ?(B|KB|MB|GB|KiB|MiB|GiB)$/;

/** Bytes of a size as people write it: a whole number, or `"512MB"`, `"1.5GiB"`; undefined for anything else. */
export function byteSize(size: unknown): number | undefined {
  if (typeof size === "number") return Number.isSafeInteger(size) && size > 0 ? size : undefined;
  const [, count, unit] = typeof size === "string" ? (WHOLE.exec(size) ?? []) : [];
  if (count === undefined || unit === undefined) return undefined;
  const bytes = Math.floor(Number(count) * UNITS[unit as keyof typeof UNITS]);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}
