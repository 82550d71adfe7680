import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../adapters/sqlite/database.ts';
import { JOURNAL_FILE, openJournal } from '../../bin/journal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'imagetank-recover-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('damage older than what is looked at when a journal is opened is found where recovery is allowed', async () => {
  const { store } = openJournal(folder, false);
  const stamp = { at: '2026-11-21T10:00:00.000Z', clock: 'synced', monoMs: 1, bootId: 'b' } as const;
  for (let n = 0; n < 1100; n += 100) {
    await store.log.append(
      Array.from({ length: 100 }, () => ({ fact: { type: 'Acknowledged' } as const, stamp })),
    );
  }
  store.log.close();
  const db = openDatabase(join(folder, JOURNAL_FILE), false);
  db.exec(`UPDATE journal SET line = 'not a record' WHERE seq = 5`);
  db.close();
  const { store: fresh, movedTo } = openJournal(folder, true);
  expect(movedTo).not.toBeNull();
  expect(fresh.log.head().seq).toBe(0);
  fresh.log.close();
  expect(readdirSync(folder).some((name) => name.startsWith('journal.damaged-'))).toBe(true);
});

test('an old record that reads well and was altered all the same is found, too', async () => {
  const { store } = openJournal(folder, false);
  const stamp = { at: '2026-11-21T10:00:00.000Z', clock: 'synced', monoMs: 1, bootId: 'b' } as const;
  const facts = Array.from({ length: 1100 }, () => ({ fact: { type: 'Acknowledged' } as const, stamp }));
  await store.log.append(facts);
  store.log.close();
  const db = openDatabase(join(folder, JOURNAL_FILE), false);
  db.exec(`UPDATE journal SET line = replace(line, '10:00:00', '11:00:00') WHERE seq = 5`);
  db.close();
  openJournal(folder, false).store.log.close();
  const { store: fresh, movedTo } = openJournal(folder, true);
  expect(movedTo).not.toBeNull();
  fresh.log.close();
});
