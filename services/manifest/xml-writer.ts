import { ManifestError } from './manifest-error.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** False for what XML 1.0 cannot carry even as a reference: controls, lone surrogates, U+FFFE, U+FFFF (section 2.2). */
export function carries(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 && code !== 9 && code !== 10 && code !== 13) return false;
    if ((code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff) return false;
  }
  return true;
}

/** Text for an element or a quoted attribute. Throws `ManifestError` for what no XML can carry: names on a drive never hold it. */
export function xmlText(text: string): string {
  if (!carries(text)) throw new ManifestError('damaged', `XML cannot carry ${JSON.stringify(text)}`);
  return text.replace(/[&<>"\t\n\r]/g, (character) => ESCAPES[character] ?? character);
}
