import { renderUnicodeCompact } from 'uqr';

/** Bright white on black: readers want dark modules on a light ground, whatever colours the terminal has. */
const COLOURS = ['\u001b[97;40m', '\u001b[0m'] as const;
/** Modules of light around it. The standard asks for four (ISO/IEC 18004); readers of phones are content with two. */
const BORDER = 2;

/** A QR code in half blocks, two rows of modules a line. Without colours it is right on a dark terminal. */
export function qrLines(text: string, coloured: boolean): string[] {
  const [on, off] = coloured ? COLOURS : ['', ''];
  return renderUnicodeCompact(text, { border: BORDER, ecc: 'M' })
    .split('\n')
    .map((line) => `${on}${line}${off}`);
}
