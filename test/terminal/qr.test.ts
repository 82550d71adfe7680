import { encode } from 'uqr';
import { expect, test } from 'vitest';
import { qrLines } from '../../adapters/terminal/qr.ts';

const URL = 'http://192.168.1.20:8080/#code=012345';

/** Modules as a reader of a dark terminal sees them: true where it is dark. */
function modules(lines: readonly string[]): boolean[][] {
  const upper = (char: string) => char === ' ' || char === '\u2584';
  const lower = (char: string) => char === ' ' || char === '\u2580';
  return lines.flatMap((line) => [[...line].map(upper), [...line].map(lower)]);
}

test('shows every module of the code, two rows a line, with light around it', () => {
  const { data, size } = encode(URL, { ecc: 'M', border: 2 });
  const shown = modules(qrLines(URL, false)).slice(0, size);
  expect(shown).toEqual(data);
  expect(shown.slice(0, 2).flat()).not.toContain(true);
});

test('fits into 80 columns with the longest code and a long name', () => {
  const lines = qrLines(`https://${'x'.repeat(63)}.local:65535/#code=999999`, false);
  for (const line of lines) expect([...line].length).toBeLessThanOrEqual(80);
});

test('is light on dark in every theme where there are colours', () => {
  const plain = qrLines(URL, false);
  expect(qrLines(URL, true)).toEqual(plain.map((line) => `\u001b[97;40m${line}\u001b[0m`));
  expect(plain.join('')).not.toContain('\u001b');
});
