/** Numbers for people. Sizes are decimal, as on the card's label and in `df -H`. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

export function formatBytes(bytes: number | null): string {
  if (bytes === null) return '?';
  let value = bytes;
  let unit = 0;
  // 999.95 would be rounded to "1000.0".
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit] ?? ''}`;
}

export const formatRate = (bytesPerSecond: number | null): string =>
  bytesPerSecond === null ? '' : `${formatBytes(Math.round(bytesPerSecond))}/s`;

/** `45 s`, `3 min 05 s`, `2 h 07 min`. */
export function formatSeconds(seconds: number | null): string {
  if (seconds === null) return '';
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** Local time, `2026-11-21 14:03`; `–` for null. By hand because the first use of Intl costs 10 ms. */
export function formatTime(iso: string | null, withSeconds = false): string {
  if (iso === null) return '–';
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return '?';
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}`;
  return `${day} ${clock}${withSeconds ? `:${two(time.getSeconds())}` : ''}`;
}

export const formatCount = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;
