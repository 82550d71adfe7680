import { describe, expect, it } from 'vitest';
import { ignoreRule } from '../../services/verify/ignore.ts';
import { rel } from '../manifest/memory-drive.ts';

const ignores = (pattern: string, path: string): boolean => ignoreRule([pattern])(rel(path));

describe('ignore patterns of a manifest', () => {
  it.each([
    ['.DS_Store', '.DS_Store'],
    ['.DS_Store', 'a/b/.DS_Store'],
    ['ascmhl', 'a/ascmhl/0001_a.mhl'],
    ['ascmhl/', 'ascmhl/ascmhl_chain.xml'],
    ['*.tmp', 'a/b.tmp'],
    ['*', 'anything/at/all'],
    ['a?c', 'x/abc'],
    ['/top', 'top/below'],
    ['/top.txt', 'top.txt'],
    ['a/b', 'a/b/c'],
    ['a/*/c', 'a/b/c'],
    ['a/**/d', 'a/b/c/d'],
    ['a/**/d', 'a/d'],
    ['**/x', 'a/b/x'],
    ['a/**', 'a/b/c'],
    ['*a*b*', 'xxaxxbxx'],
    ['?', '\u{1F39E}'],
    ['[ab]', 'x/b'],
    ['*.[Tt][Mm][Pp]', 'a.tMp'],
    ['[0-9][0-9]', '42'],
    ['[a-c]', 'b'],
    ['[!a]', 'b'],
    ['[^a-c]', 'd'],
    ['[a-]', '-'],
    ['[a', '[a'],
    ['[]', '[]'],
    ['[\u{1F39E}]', '\u{1F39E}'],
  ])('%j covers %j', (pattern, path) => {
    expect(ignores(pattern, path)).toBe(true);
  });

  it.each([
    ['.DS_Store', 'x.DS_Store'],
    ['ascmhl/', 'a/ascmhl'],
    ['*.tmp', 'a.tmp.jpg'],
    ['/top', 'a/top'],
    ['a/b', 'x/a/b'],
    ['a/*/c', 'a/b/b/c'],
    ['a*c', 'a/c'],
    ['a?c', 'ac'],
    ['', 'a'],
    ['/', 'a'],
    ['.', 'a'],
    ['[a]', 'b'],
    ['[a', 'a'],
    ['[]', 'a'],
    ['[!a]', 'a'],
    ['[^a-c]', 'b'],
    ['[a-c]x', 'dx'],
    ['[b-d]', 'a'],
    ['[b-d]', '-'],
    ['a[b]c', 'a/c'],
    ['!a', 'a'],
    ['a.c', 'abc'],
  ])('%j does not cover %j', (pattern, path) => {
    expect(ignores(pattern, path)).toBe(false);
  });

  it('answers at once, whatever a foreign disk asks for', () => {
    const hostile = [`${'*a'.repeat(500)}b`, `${'**/a/'.repeat(200)}b`];
    const path = rel(`${'a'.repeat(250)}/`.repeat(15) + 'a'.repeat(250));
    // Backtracking without a bound would take longer than the universe has.
    expect(ignoreRule(hostile)(path)).toBe(false);
  });

  it('leaves out patterns that are too long or too many', () => {
    const long = 'a'.repeat(1025);
    expect(ignoreRule([long])(rel(long))).toBe(false);
    const many = Array.from({ length: 1001 }, (_, at) => `n${at}`);
    expect(ignoreRule(many)(rel('n999'))).toBe(true);
    expect(ignoreRule(many)(rel('n1000'))).toBe(false);
  });
});
