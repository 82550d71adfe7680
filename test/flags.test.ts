import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { countOf, flagsOf } from './flags.ts';

const said: unknown[] = [];
beforeEach(() => {
  said.length = 0;
  vi.spyOn(console, 'error').mockImplementation((line) => void said.push(line));
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${code}`);
  });
});
afterEach(() => vi.restoreAllMocks());

const options = { full: { type: 'boolean' }, runs: { type: 'string' } } as const;

test('flags are those that were given', () => {
  expect(flagsOf({ args: ['--full', '--runs', '3'], options })).toEqual({ full: true, runs: '3' });
  expect(countOf('--runs', '3')).toBe(3);
  expect(countOf('--runs', undefined)).toBeNull();
});

test('one that does not exist is a line and 64', () => {
  expect(() => flagsOf({ args: ['--bogus'], options })).toThrow('exit 64');
  expect(said).toEqual([expect.stringMatching(/--bogus.*see --help$/)]);
});

test.each(['0', '-1', '1.5', 'x', ''])('%j is no count', (text) => {
  expect(() => countOf('--runs', text)).toThrow('exit 64');
  expect(said).toEqual([expect.stringContaining('--runs')]);
});
