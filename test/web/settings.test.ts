import { describe, expect, test } from 'vitest';
import {
  AUTOS,
  COPIES,
  changesOf,
  copiesOf,
  copiesWord,
  LAYOUTS,
  linesOf,
  type Values,
} from '../../adapters/web/settings/shape.ts';
import { ConfigSchema } from '../../services/config/schema.ts';

const VALUES: Values = {
  layout: 'dated',
  template: '',
  copies: 'all',
  drives: ['SSD-A'],
  day_starts: '00:00',
  auto: 'dcim',
};

describe('what the page offers', () => {
  test.each([
    ['layout', LAYOUTS],
    ['auto', AUTOS],
    ['copies', COPIES.map(copiesOf)],
  ] as const)('of %s is taken by the configuration', (key, words) => {
    for (const word of words) expect(ConfigSchema.parse({ [key]: word })[key]).toBe(word);
  });

  test('of copies is all that the configuration takes', () => {
    expect(() => ConfigSchema.parse({ copies: 9 })).toThrow();
    expect(COPIES.map(copiesOf).map(copiesWord)).toEqual([...COPIES]);
  });
});

describe('what is saved', () => {
  test('is what was changed, and nothing else', () => {
    expect(changesOf(VALUES, { ...VALUES, copies: 2, drives: ['SSD-A', 'SSD-B'] })).toEqual({
      copies: 2,
      drives: ['SSD-A', 'SSD-B'],
    });
    expect(changesOf(VALUES, { ...VALUES, drives: ['SSD-A'] })).toEqual({});
  });

  test('a template that is not shown is taken back with its layout', () => {
    const own = { ...VALUES, layout: 'custom', template: '{year}/{name}.{ext}' } as const;
    expect(changesOf(own, { ...own, layout: 'mirror' })).toEqual({ layout: 'mirror', template: '' });
    const slip = { ...VALUES, layout: 'mirror', template: 'nonsense' } as const;
    expect(changesOf({ ...VALUES, template: '' }, slip)).toEqual({ layout: 'mirror' });
  });

  test('of a list is a line each', () => {
    expect(linesOf(' SSD-A \n\n1111-2222\n')).toEqual(['SSD-A', '1111-2222']);
    expect(linesOf('')).toEqual([]);
  });
});
