/**
 * What makes a terminal or a page do something, or show something else than what is there: C0, DEL and C1 control characters,
 * marks that turn the direction of writing (Unicode TR 36, "bidirectional text spoofing"), line and paragraph
 * separators, the byte order mark, lone surrogates.
 */
const DANGEROUS = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}\ufeff]/gu;

const asEscape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Text of cards, drives and files as one harmless line: `\u001b` instead of an escape character. */
export const escapeText = (text: string): string => text.replace(DANGEROUS, asEscape);

/** The same for a line of JSON: reads back as the same value, because JSON knows these escapes. */
export const escapeJson = (value: unknown): string => escapeText(JSON.stringify(value));
