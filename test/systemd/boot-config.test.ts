import { afterEach, beforeEach, expect, test } from 'vitest';
import { bootConfigPath, planBootConfig, writeBootConfig } from '../../adapters/systemd/boot-config.ts';
import { Bench } from './kit.ts';

const CONFIG = '/boot/firmware/config.txt';
let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.remove());

function set(lines: string) {
  const plan = planBootConfig(bench.root, lines);
  writeBootConfig(bench.root, plan);
  return plan.change;
}

test('the block is added once, below what was there, and the first version is kept', () => {
  bench.put(CONFIG, '[pi4]\narm_boost=1');
  expect(set('a=1\n')).toBe('changed');
  const text = bench.get(CONFIG);
  expect(text).toMatch(/^\[pi4\]\narm_boost=1\n# imagetank begin.*\na=1\n# imagetank end\n$/);
  expect(set('a=1\n')).toBe('unchanged');
  expect(bench.get(CONFIG)).toBe(text);
  expect(bench.get(`${CONFIG}.imagetank-bak`)).toBe('[pi4]\narm_boost=1');
});

test('another board replaces the block where it stands; the backup stays the first version', () => {
  bench.put(CONFIG, 'x\n');
  set('a=1');
  bench.put(CONFIG, `${bench.get(CONFIG)}after\r\n`);
  expect(set('b=2')).toBe('changed');
  expect(bench.get(CONFIG)).toMatch(/^x\n# imagetank begin.*\nb=2\n# imagetank end\nafter\r\n$/);
  expect(bench.get(`${CONFIG}.imagetank-bak`)).toBe('x\n');
});

test('planning writes nothing', () => {
  bench.put(CONFIG, 'x\n');
  planBootConfig(bench.root, 'a=1');
  expect(bench.get(CONFIG)).toBe('x\n');
  expect(bench.all()).toEqual([CONFIG]);
});

test('a block without an end is not guessed at: 73', () => {
  bench.put(CONFIG, '');
  set('a=1');
  bench.put(CONFIG, bench.get(CONFIG).replace('# imagetank end', ''));
  expect(() => set('b=2')).toThrow(expect.objectContaining({ code: 'torn-block', exitCode: 73 }));
});

test('older systems have it elsewhere; other machines have none: 73', () => {
  expect(bootConfigPath(bench.root)).toBeNull();
  expect(() => set('a=1')).toThrow(expect.objectContaining({ code: 'no-boot-config', exitCode: 73 }));
  bench.put('/boot/config.txt', 'old\n');
  expect(bootConfigPath(bench.root)).toBe('/boot/config.txt');
  bench.put(CONFIG, 'new\n');
  expect(bootConfigPath(bench.root)).toBe(CONFIG);
});
