import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqlitePlan } from '../../adapters/sqlite/sqlite-plan.ts';
import { relativePath } from '../../machines/ids.ts';
import type { PlannedFile } from '../../services/backup/ports.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'imagetank-plan-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (index: number): PlannedFile => ({
  kind: 'file',
  path: relativePath(`DCIM/${'x'.repeat(100)}_${index}.JPG`),
  index,
  sizeBytes: 1,
  mtimeMs: index,
});

/** Bytes of nameless files of `folder` that this process holds open. */
function nameless(): number {
  let bytes = 0;
  for (const fd of readdirSync('/proc/self/fd')) {
    const path = `/proc/self/fd/${fd}`;
    try {
      if (readlinkSync(path).startsWith(`${folder}/plan-`)) bytes += statSync(path).size;
    } catch {
      // That one was the listing itself.
    }
  }
  return bytes;
}

test('its file has no name from the beginning: a crash leaves nothing', () => {
  const plan = openSqlitePlan(folder);
  plan.addGroups(Array.from({ length: 500 }, (_, n) => ({ members: [file(n)] })));
  expect(readdirSync(folder)).toEqual([]);
  plan.close();
});

test.skipIf(!existsSync('/proc/self/fd'))('what it took of the disk is free again after closing', () => {
  const plan = openSqlitePlan(folder);
  // More than the page cache holds.
  for (let n = 0; n < 30_000; n += 500)
    plan.addGroups(Array.from({ length: 500 }, (_, m) => ({ members: [file(n + m)] })));
  expect(nameless()).toBeGreaterThan(1e6);
  plan.close();
  expect(nameless()).toBe(0);
});

test('the state folder is made where it is missing', () => {
  const below = join(folder, 'state');
  openSqlitePlan(below).close();
  expect(readdirSync(below)).toEqual([]);
});

test('what the disk refuses is an error of the state folder', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => openSqlitePlan(join(folder, 'file'))).toThrow(
    expect.objectContaining({ name: 'JournalError', code: 'io' }),
  );
});

test('two plans at once know nothing of each other', () => {
  const [one, two] = [openSqlitePlan(folder), openSqlitePlan(folder)];
  one.addGroups([{ members: [file(1)] }]);
  expect([...two.groups('scan')]).toEqual([]);
  one.close();
  two.addGroups([{ members: [file(2)] }]);
  expect([...two.groups('scan')]).toHaveLength(1);
  two.close();
});

test('a plan that is closed answers no more', () => {
  const plan = openSqlitePlan(folder);
  plan.addGroups([{ members: [file(1)] }]);
  plan.close();
  expect(() => [...plan.groups('scan')]).toThrow(expect.objectContaining({ name: 'JournalError' }));
});
