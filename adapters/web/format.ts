import type { Language } from './translate.ts';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `64 GB`, `1.9 TB`, `812 kB`: decimal, as on the label of a card. Null is a dash. */
export function sizeText(bytes: number | null, language: Language): string {
  if (bytes === null) return '–';
  let [value, step] = [bytes, 0];
  while (value >= 999.5 && step < UNITS.length - 1) {
    value /= 1000;
    step += 1;
  }
  const digits = step > 0 && value < 9.95 ? 1 : 0;
  const number = new Intl.NumberFormat(language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return `${number.format(value)}\u00a0${UNITS[step]}`;
}

/** `82 MB/s`. */
export const rateText = (bytesPerSecond: number, language: Language): string =>
  `${sizeText(bytesPerSecond, language)}/s`;

/** Rounded down: what is not quite done is never shown as 100 %. */
export function percentOf(done: number, total: number): number {
  if (total <= 0) return 0;
  return done >= total ? 100 : Math.max(0, Math.floor((done / total) * 100));
}

export const percentText = (percent: number, language: Language): string =>
  new Intl.NumberFormat(language, { style: 'percent' }).format(percent / 100);

/** `2 hr 5 min`, `8 min`, `20 sec`: as exact as anybody needs who waits. */
export function durationText(seconds: number, language: Language): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return unit(whole, 'second', language);
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return unit(minutes, 'minute', language);
  const rest = minutes % 60;
  const hours = unit(Math.floor(minutes / 60), 'hour', language);
  return rest === 0 ? hours : `${hours} ${unit(rest, 'minute', language)}`;
}

function unit(value: number, name: 'second' | 'minute' | 'hour', language: Language): string {
  return new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'short' }).format(value);
}

interface When {
  readonly language: Language;
  /** IANA name; default: that of the browser. */
  readonly timeZone?: string;
}

/** `21 Nov 2026, 14:05`. */
export const timeText = (iso: string, { language, timeZone }: When): string =>
  new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'de', {
    dateStyle: 'medium',
    timeStyle: 'short',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(new Date(iso));

/** `14:05`. */
export const timeOnlyText = (iso: string, { language, timeZone }: When): string =>
  new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'de', {
    timeStyle: 'short',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(new Date(iso));

export const countText = (count: number, language: Language): string =>
  new Intl.NumberFormat(language).format(count);
