// Text with a meaning: durations and sizes. Parsing only; the plan checks which values are valid where.

const MS_PER: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const BYTES_PER: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** The shape of a duration: a number and one unit of time, as in `250ms`, `30s`, `1.5h`, `180d`. */
export const DURATION = /^(\d{1,9}(?:\.\d{1,3})?)(us|ms|s|m|h|d)$/;

/** The shape of a size: a number and one unit, as in `64kB` (1000) or `1MiB` (1024). */
export const SIZE = /^(\d{1,12}(?:\.\d{1,3})?)(B|kB|MB|GB|KiB|MiB|GiB)$/;

/** Milliseconds of a duration that matches {@link DURATION}. */
export function parseDurationMs(text: string): number {
  return parseWithUnit(text, DURATION, MS_PER);
}

/** Whole bytes of a size that matches {@link SIZE}. */
export function parseSizeBytes(text: string): number {
  return Math.round(parseWithUnit(text, SIZE, BYTES_PER));
}

function parseWithUnit(text: string, shape: RegExp, per: Readonly<Record<string, number>>): number {
  const [, amount, unit] = shape.exec(text) ?? [];
  const factor = unit === undefined ? undefined : per[unit];
  if (amount === undefined || factor === undefined) throw new RangeError(`not a number with a unit: ${text}`);
  return Number(amount) * factor;
}
