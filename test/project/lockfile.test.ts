import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface Locked {
  readonly version: string;
  readonly dev?: boolean;
  readonly resolved?: string;
  readonly engines?: { readonly node?: string };
}

const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>;
};
const packages = Object.entries(lock.packages).filter(([name]) => name !== '');

/** Lowest major version of each alternative of a range; `<` and `||` parts count for themselves. */
const majors = (range: string) =>
  range.split('||').map((part) => Number(/(\d+)/.exec(part.replace(/^\s*[<].*$/, '0'))?.[1] ?? 0));

describe('the lockfile', () => {
  test('has no package that needs more than Node 20.19, which Raspberry Pi OS ships', () => {
    const asksForMore = packages.filter(([, { engines }]) => {
      const range = engines?.node ?? '*';
      return range !== '*' && Math.min(...majors(range)) > 20;
    });
    expect(asksForMore.map(([name, { engines }]) => `${name} ${engines?.node}`)).toEqual([]);
  });

  test('names no place to download from', () => {
    expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  test.each(['@node-rs/xxhash', '@biomejs/cli', '@esbuild'])('holds %s for x64 and for arm64', (prefix) => {
    const names = packages.map(([name]) => name).filter((name) => name.includes(`node_modules/${prefix}`));
    expect(names.some((name) => /linux-x64/.test(name))).toBe(true);
    expect(names.some((name) => /linux-arm64/.test(name))).toBe(true);
  });
});
