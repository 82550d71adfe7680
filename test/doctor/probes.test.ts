import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemProbes } from '../../adapters/doctor/probes.ts';

const probes = systemProbes();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'imagetank-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program that does what a shell script says. */
function program(script: string): string {
  const path = join(folder, 'program');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('a program', () => {
  test('is known by its first line', async () => {
    expect(await probes.program(program('echo "lsblk 2.39 $1"; echo more'), ['--version'])).toBe(
      'lsblk 2.39 --version',
    );
    expect(await probes.program(program(':'), [])).toBe('');
  });

  test('that is not there or fails is none', async () => {
    expect(await probes.program(join(folder, 'nothing'), [])).toBeNull();
    expect(await probes.program(program('echo 1.0; exit 3'), [])).toBeNull();
  });
});

describe('the socket', () => {
  test('answers, or nobody does', async () => {
    const path = join(folder, 'x.sock');
    expect(await probes.socket(path)).toBe('nobody');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, () => resolve()));
    expect(await probes.socket(path)).toBe('answers');
    await new Promise((resolve) => server.close(resolve));
  });

  test.skipIf(process.getuid?.() === 0)('may not be opened', async () => {
    const path = join(folder, 'closed.sock');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, () => resolve()));
    chmodSync(path, 0);
    expect(await probes.socket(path)).toBe('not-permitted');
    await new Promise((resolve) => server.close(resolve));
  });
});

test('a port is taken while somebody listens, and free afterwards', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, () => resolve()));
  const { port } = server.address() as { port: number };
  expect(await probes.port(port)).toBe('taken');
  await new Promise((resolve) => server.close(resolve));
  expect(await probes.port(port)).toBe('free');
  expect(await probes.port(port)).toBe('free');
});

test('folders: there, writable, free bytes of the nearest one above', () => {
  expect([probes.exists(folder), probes.exists(join(folder, 'a'))]).toEqual([true, false]);
  expect([probes.writable(folder), probes.writable(join(folder, 'a'))]).toEqual([true, false]);
  expect(probes.freeBytes(join(folder, 'a/b/c'))).toBeGreaterThan(0);
});

test('this machine: Node, SQLite, groups', () => {
  expect(probes.nodeVersion).toBe(process.versions.node);
  expect(probes.sqliteProblem()).toBeNull();
  expect(probes.inGroup('no-such-group-here')).toBeNull();
  expect(probes.inGroup('root')).toBe(process.getuid?.() === 0 || process.getgroups?.().includes(0));
});

test('small files, folders, and what the kernel can mount', () => {
  writeFileSync(join(folder, 'a'), 'text');
  expect([probes.read(join(folder, 'a')), probes.read(join(folder, 'b')), probes.read(folder)]).toEqual([
    'text',
    null,
    null,
  ]);
  expect([probes.list(folder), probes.list(join(folder, 'none'))]).toEqual([['a'], []]);
  expect([probes.kernelHas('proc'), probes.kernelHas('tmpfs'), probes.kernelHas('no-such-fs')]).toEqual([
    true,
    true,
    false,
  ]);
  // Not a part of another name.
  expect(probes.kernelHas('roc')).toBe(false);
});
