import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ComponentChild, createElement, type VNode } from 'preact';
import { describe, expect, test } from 'vitest';
import { drawHarmless } from '../../adapters/web/harmless.ts';

const WEB = join(import.meta.dirname, '../../adapters/web');
const HOSTILE = [
  ...['\n', '\r', '\t', '\u0000', '\u001b', '\u007f', '\u0085', '\u009b', '\u2028', '\u2029'],
  ...['\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069'],
  ...['\u200e', '\u200f', '\u061c', '\ufeff', '\ud800'],
];
const escaped = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** As Preact makes a piece of text before it draws it. */
function drawn(text: ComponentChild): unknown {
  const node = { type: null, props: text } as unknown as VNode;
  drawHarmless(node);
  return node.props;
}

describe('text of cards, drives and phones', () => {
  test.each(
    HOSTILE.map((sign) => [escaped(sign), sign]),
  )('with %s in it is drawn with the escape', (words, sign) => {
    expect(drawn(`EVIL${sign}DCIM`)).toBe(`EVIL${words}DCIM`);
  });

  test.each(['aria-label', 'alt', 'title'])('is as harmless in %s, which is read aloud or shown', (name) => {
    const { props } = createElement('p', { [name]: 'EVIL\u202eGPJ' });
    expect(props).toEqual({ [name]: 'EVIL\\u202eGPJ' });
  });

  test('that harms nobody stays as it is', () => {
    for (const text of ['Jürgens Karte 1', 'קלף', '日本', '👩‍👧', '1\u00a0GB'])
      expect(drawn(text)).toBe(text);
    expect(drawn(7)).toBe(7);
  });

  test('goes back to the box as it is: values and addresses are not touched', () => {
    const values = { value: 'A\u202eB', href: '#A\u202eB', id: 'A\u202eB' };
    expect(createElement('option', values).props).toEqual(values);
    const Part = () => null;
    const given = { title: 'A\u202eB' };
    expect(createElement(Part, given).props).toEqual(given);
  });
});

test('whatever is put into the document by hand is escaped there', () => {
  const files = readdirSync(WEB, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.tsx?$/.test(path),
  );
  const byHand = files.flatMap((path) =>
    readFileSync(join(WEB, path), 'utf8')
      .split('\n')
      .filter((line) =>
        /(textContent|innerText|innerHTML|document\.title) =|setAttribute\('(aria-label|title|alt)'/.test(
          line,
        ),
      )
      .filter((line) => !/escapeText\(|\bt\(/.test(line)),
  );
  expect(byHand.map((line) => line.trim())).toEqual([
    "when.textContent = parts.filter((part) => part !== '').join(', ');",
    'element.textContent = text;',
  ]);
});
