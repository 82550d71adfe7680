/** Sizes and durations as people write them in a configuration file. */

const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
};

const AMOUNT = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i;

function amount(text: string, units: Readonly<Record<string, number>>): number | null {
  const match = AMOUNT.exec(text.trim());
  const factor = units[(match?.[2] ?? '').toLowerCase()];
  if (match === null || factor === undefined) return null;
  const value = Math.round(Number(match[1]) * factor);
  return Number.isSafeInteger(value) ? value : null;
}

/** `500MB`, `2GiB`, `1.5 TB` or plain bytes, in bytes; null when it is none of these. */
export const parseSize = (text: string): number | null => amount(text, BYTES_PER_UNIT);

/** `500ms`, `10s`, `2min`, `1h`, in milliseconds; null when it is none of these: a bare number has no unit. */
export const parseDuration = (text: string): number | null => amount(text, MS_PER_UNIT);

/** `20MB/s`, or `20MB` with the same meaning, in bytes a second; null when it is none of these, or nothing at all. */
export function parseRate(text: string): number | null {
  const bytes = parseSize(text.trim().replace(/\s*\/\s*s$/i, ''));
  return bytes === null || bytes === 0 ? null : bytes;
}
