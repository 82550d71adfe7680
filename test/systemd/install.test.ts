import { chmodSync, lstatSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { renderFiles } from '../../adapters/systemd/files.ts';
import { planFiles, removeFiles, writeFiles, writeWhole } from '../../adapters/systemd/install.ts';
import { Bench, MACHINE } from './kit.ts';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.remove());

const UNIT = '/etc/systemd/system/imagetank.service';
const files = (node = '/usr/bin/node') => renderFiles(bench.templates, { ...MACHINE, node });
function install(node?: string) {
  const planned = planFiles(bench.root, files(node));
  writeFiles(bench.root, planned);
  return planned
    .filter(({ change }) => change !== 'unchanged')
    .map(({ path, change, kept }) => ({ path, change, kept }));
}

describe('a first run', () => {
  test('writes every file with its mode, whatever the umask', () => {
    const before = process.umask(0o077);
    const written = install();
    process.umask(before);
    expect(written).toHaveLength(files().length);
    expect(written.every(({ change }) => change === 'new')).toBe(true);
    for (const { path, mode, text } of files()) {
      expect(bench.get(path)).toBe(text);
      expect(statSync(join(bench.root, path)).mode & 0o777).toBe(mode);
    }
  });

  test('leaves no half file behind', () => {
    install();
    expect(bench.all().filter((path) => path.endsWith('.new'))).toEqual([]);
  });
});

describe('a second run', () => {
  beforeEach(() => void install());

  test('changes nothing', () => {
    const before = bench.all().map((path) => [path, lstatSync(join(bench.root, path)).mtimeMs]);
    const inodes = () => bench.all().map((path) => lstatSync(join(bench.root, path)).ino);
    const had = inodes();
    expect(install()).toEqual([]);
    expect(bench.all().map((path) => [path, lstatSync(join(bench.root, path)).mtimeMs])).toEqual(before);
    expect(inodes()).toEqual(had);
  });

  test('of another version replaces what nobody edited, and keeps no copy', () => {
    expect(install('/opt/node')).toEqual([{ path: UNIT, change: 'changed', kept: null }]);
    expect(bench.get(UNIT)).toContain('/opt/node');
    expect(bench.all().filter((path) => path.includes('kept'))).toEqual([]);
  });

  test('keeps what the owner edited, each edit, and lets nobody run it', () => {
    const shutdown = '/usr/lib/systemd/system-shutdown/imagetank';
    for (const edit of ['first', 'second']) {
      bench.put(shutdown, edit, 0o755);
      const [change] = install();
      expect(change).toMatchObject({ path: shutdown, change: 'changed' });
      expect(bench.get(change?.kept ?? '')).toBe(edit);
      expect(statSync(join(bench.root, change?.kept ?? '')).mode & 0o111).toBe(0);
    }
    expect(bench.all().filter((path) => path.includes('.kept-'))).toHaveLength(2);
  });

  test('mends a mode without calling that an edit', () => {
    const helper = '/usr/local/lib/imagetank/imagetank-lights';
    chmodSync(join(bench.root, helper), 0o777);
    expect(install()).toEqual([{ path: helper, change: 'changed', kept: null }]);
    expect(statSync(join(bench.root, helper)).mode & 0o777).toBe(0o755);
  });

  test('without its record takes every difference for an edit', () => {
    bench.put('/usr/local/lib/imagetank/installed.json', 'torn');
    expect(install('/opt/node')).toEqual([
      { path: UNIT, change: 'changed', kept: expect.stringMatching(/service\.kept-[0-9a-f]{8}$/) },
    ]);
  });
});

describe('what is in the way', () => {
  test('a masked unit is not unmasked: 73', () => {
    mkdirSync(join(bench.root, '/etc/systemd/system'), { recursive: true });
    symlinkSync('/dev/null', join(bench.root, UNIT));
    expect(() => planFiles(bench.root, files())).toThrow(
      expect.objectContaining({ exitCode: 73, hint: expect.stringContaining('unmask') }),
    );
  });

  test('a link that leads out of an image is not followed: 73', () => {
    const outside = join(bench.dir, 'outside');
    mkdirSync(outside);
    symlinkSync(outside, join(bench.root, 'etc'));
    const write = () => writeWhole(bench.root, '/etc/x', 'text', 0o644);
    expect(write).toThrow(expect.objectContaining({ code: 'outside', exitCode: 73 }));
  });

  test.skipIf(process.getuid?.() === 0)('what only root may read is said to be unreadable', () => {
    install();
    chmodSync(join(bench.root, 'etc/polkit-1/rules.d'), 0);
    const hidden = planFiles(bench.root, files()).filter(({ change }) => change !== 'unchanged');
    chmodSync(join(bench.root, 'etc/polkit-1/rules.d'), 0o755);
    expect(hidden.map(({ change }) => change)).toEqual(['unreadable']);
  });
});

describe('removing', () => {
  test('takes out what was written, but for what was edited since', () => {
    install();
    bench.put(UNIT, 'mine');
    const looked = removeFiles(bench.root, false);
    expect(bench.all().length).toBeGreaterThan(10);
    expect(removeFiles(bench.root, true)).toEqual(looked);
    expect(looked.stay).toEqual([UNIT]);
    expect(bench.all()).toEqual([UNIT]);
  });

  test('has nothing to do where nothing was installed', () => {
    expect(removeFiles(bench.root, true)).toEqual({ removed: [], stay: [] });
  });
});
