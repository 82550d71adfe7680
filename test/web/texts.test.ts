import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { refusalWords } from '../../adapters/web/frame/refusal-words.ts';
import { reasonKey } from '../../adapters/web/history/words.ts';
import { problemWords } from '../../adapters/web/now/problem.ts';
import { TEXTS, type TextKey } from '../../adapters/web/texts.ts';
import { LANGUAGES, translate } from '../../adapters/web/translate.ts';
import { ADVICE, CODE_OF_REASON, type Reason } from '../../machines/reasons.ts';
import { PAGE_CODES } from '../../services/error-codes.ts';
import { NOTE_CODES } from '../../services/shapes.ts';

const WEB = join(import.meta.dirname, '../../adapters/web');
const KEYS = Object.keys(TEXTS) as TextKey[];
const names = (text: string) =>
  [...new Set([...text.matchAll(/\{(\w+)/g)].map(([, name]) => name))].toSorted();
const sources = readdirSync(WEB, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !path.includes('texts'))
  .map((path) => readFileSync(join(WEB, path), 'utf8'))
  .join('\n');
const parts = ['frame', 'now', 'check', 'problems', 'power', 'history', 'pairing', 'settings', 'refusals'];

describe('the catalogue', () => {
  test.each(LANGUAGES)('has each text in %s', (language) => {
    expect(KEYS.filter((key) => TEXTS[key][language].trim() === '')).toEqual([]);
  });

  test('has the same placeholders in both languages', () => {
    const other = KEYS.filter((key) => names(TEXTS[key].en).join() !== names(TEXTS[key].de).join());
    expect(other).toEqual([]);
  });

  test('has no key twice: the later one would win in silence', () => {
    const defined = parts.flatMap((part) =>
      [...readFileSync(join(WEB, `texts/${part}.ts`), 'utf8').matchAll(/^ {2}'?([\w.-]+)'?: \{/gm)].map(
        ([, key]) => key,
      ),
    );
    expect(defined.length).toBeGreaterThan(150);
    expect(defined.filter((key, index) => defined.indexOf(key) !== index)).toEqual([]);
  });

  test('has no text that nobody shows', () => {
    // `verdict.${now}` uses all that begin so.
    const made = [...sources.matchAll(/`([\w.]+)\$\{/g)].map(([, start]) => start ?? '');
    const words = [...sources.matchAll(/`\$\{\w+\}([\w.]+)`/g)].map(([, end]) => end ?? '');
    const unused = KEYS.filter(
      (key) =>
        !sources.includes(`'${key}'`) &&
        !made.some((start) => key.startsWith(start)) &&
        !words.some((end) => key.endsWith(end)),
    );
    expect(unused).toEqual([]);
  });
});

describe('a text', () => {
  test('gets its numbers and words in the manner of the language', () => {
    const values = { done: 1204, total: 3120 };
    expect(translate('en', 'filesOf', values)).toBe('1,204 of 3,120 files');
    expect(translate('de', 'filesOf', values)).toBe('1.204 von 3.120 Dateien');
  });

  test('knows one from many', () => {
    expect(translate('en', 'copies.some', { count: 1 })).toBe('On 1 drive');
    expect(translate('en', 'copies.some', { count: 2 })).toBe('On 2 drives');
    expect(translate('de', 'copies.some', { count: 1 })).toBe('Auf 1 Laufwerk');
    expect(translate('de', 'copies.some', { count: 0 })).toBe('Auf 0 Laufwerken');
  });

  test('shows a value with braces as it is, and a value that is missing as its name', () => {
    expect(translate('en', 'toDrives', { drives: '{drives} <b>' })).toBe('to {drives} <b>');
    expect(translate('en', 'toDrives')).toBe('to {drives}');
  });
});

describe('problems', () => {
  test.each(
    Object.keys(CODE_OF_REASON) as Reason[],
  )('%s has words and advice, and keeps what it is about', (code) => {
    const message = `SD32GB-03: it holds 12.5 GB. ${ADVICE[code]}`;
    const { title, todo, about } = problemWords({ code, message });
    expect([title, todo]).toEqual([`problem.${code}`, `todo.${code}`]);
    expect(about).toBe('SD32GB-03: it holds 12.5 GB');
    expect(problemWords({ code, message: `SD32GB-03: ${ADVICE[code]}` }).about).toBe('SD32GB-03');
    expect(reasonKey(code)).toMatch(/^(problem|reason)\./);
  });

  test.each([
    'temperature',
    'throttling',
    'memory',
    'state-disk',
    'disk',
  ])('%s of the machine has words', (code) => {
    const message = 'Temperature: 81.2 °C. The processor is hot: give it air.';
    expect(problemWords({ code, message })).toEqual({
      title: `problem.${code}`,
      todo: `todo.${code}`,
      about: 'Temperature: 81.2 °C',
    });
  });

  test('low space and a writable card are told by their name', () => {
    const low = problemWords({
      code: 'low-space',
      message: 'SSD-B: little space left, have another drive ready.',
    });
    expect([low.todo, low.about]).toEqual(['todo.low-space', 'SSD-B']);
    const message = 'SD32GB-03: mounted writable by another program; imagetank only reads it.';
    expect(problemWords({ code: 'card-writable', message }).about).toBe('SD32GB-03');
  });

  test.each(NOTE_CODES)('%s, a note of the status, has a text and what to do', (code) => {
    const { title, todo } = problemWords({ code, message: 'SD: something. More of it.' });
    expect([title, todo]).toEqual([`problem.${code}`, `todo.${code}`]);
  });

  test.each(['note', 'inbox', 'settings'])('%s is told in full beside it', (code) => {
    const message = 'SD: something. More of it.';
    expect(problemWords({ code, message }).about).toBe(message);
  });

  test.each(['of-a-newer-server', 'constructor'])('%s is told in the words of the server', (code) => {
    const { todo, about } = problemWords({ code, message: 'SD: something. More of it.' });
    expect([todo, about]).toEqual([null, 'SD: something. More of it.']);
  });
});

describe('why a backup ended', () => {
  test.each([
    'card-removed',
    'shutdown',
    'power-cut',
    'weak-power',
    'verified-from-cache',
  ])('%s has words', (reason) => {
    expect(reasonKey(reason)).toBe(`reason.${reason}`);
  });

  test('an unknown reason has none', () => {
    expect(reasonKey('of-a-newer-server')).toBeNull();
    expect(reasonKey('x.toString')).toBeNull();
  });
});

describe('what the box refuses', () => {
  test.each([
    ...PAGE_CODES,
    ...(Object.keys(CODE_OF_REASON) as Reason[]),
  ])('%s has words and what to do in both languages', (code) => {
    const words = refusalWords(code);
    expect(words).not.toBeNull();
    for (const key of [words?.title, words?.todo]) expect(KEYS).toContain(key);
  });

  test.each(['of-a-newer-server', 'constructor'])('%s is told in the words of the server', (code) => {
    expect(refusalWords(code)).toBeNull();
  });
});
