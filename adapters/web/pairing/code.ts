/** What a QR code of the box leads to: `#code=123456`. Null for every other address. */
export const codeIn = (hash: string): string | null => /^#code=(\d{6})$/.exec(hash)?.[1] ?? null;

/** The digits of what was typed or pasted (`123 456`, `Code: 123456`), six at most. */
export const digitsOf = (text: string): string => text.replace(/\D/g, '').slice(0, 6);

const KINDS = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android.*Mobile/, 'Android phone'],
  [/Android/, 'Android tablet'],
  [/CrOS/, 'Chromebook'],
  [/Macintosh/, 'Mac'],
  [/Windows/, 'Windows PC'],
  [/Linux/, 'Linux PC'],
] as const;

/** A name to begin with, from what the browser says it is. */
export const deviceNameOf = (userAgent: string): string =>
  KINDS.find(([pattern]) => pattern.test(userAgent))?.[1] ?? 'Browser';
