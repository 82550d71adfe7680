import { copyFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase, type SqlValue } from '../../adapters/sqlite/database.ts';
import { ModelWriter } from '../../adapters/sqlite/model-writer.ts';
import { createJournal, makeDurable } from '../../adapters/sqlite/schema.ts';
import { SqliteLog } from '../../adapters/sqlite/sqlite-log.ts';
import { openSqliteStore } from '../../adapters/sqlite/sqlite-store.ts';
import type { Fact } from '../../machines/facts.ts';
import { backupId, driveId, relativePath } from '../../machines/ids.ts';
import { isJournalError } from '../../services/errors.ts';
import { verifyChain } from '../../services/journal/chain.ts';
import { hashLine } from '../../services/journal/record.ts';
import { GROUPINGS } from '../../services/library/ports.ts';
import type { Store } from '../../services/ports.ts';
import { file, finished, planned, pressed, settled, stamped, started } from '../journal/facts.ts';

const large = (bytes: number): Fact => ({
  type: 'InternalErrorOccurred',
  reason: 'internal',
  detail: 'x'.repeat(bytes),
});
const STORY = [started(), planned('b1'), settled('b1', { copied: [file('a.jpg')] }), finished('b1')];

describe('the journal in SQLite', () => {
  let folder = '';
  let path = '';
  const open: { close(): void }[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'imagetank-sqlite-'));
    path = join(folder, 'journal.db');
  });
  afterEach(async () => {
    closeAll();
    await rm(folder, { recursive: true });
  });

  function closeAll(): void {
    for (const log of open.splice(0)) log.close();
  }

  function store(at = path, readOnly = false): Store {
    const opened = openSqliteStore(at, { readOnly });
    open.push(opened.log);
    return opened;
  }

  /** Does something to the tables behind the journal's back. */
  function tamper(sql: string, ...values: SqlValue[]): void {
    const db = openDatabase(path, false);
    db.prepare(sql).run(...values);
    db.close();
  }

  async function recorded(facts = STORY): Promise<void> {
    await store().log.append(stamped(facts));
    closeAll();
  }

  function refusal(readOnly = false) {
    try {
      store(path, readOnly);
    } catch (error) {
      if (isJournalError(error)) return { code: error.code, line: error.line };
      throw error;
    }
    return null;
  }

  const rowsOf = (opened: Store) => ({
    history: opened.history.rows(),
    copies: [...opened.catalogue.copiesOf({ driveId: driveId('D') })],
    seen: opened.catalogue.findSeen(driveId('D'), planned('b1').cardId, relativePath('DCIM/a.jpg')),
  });

  describe('opened again', () => {
    it('goes on where it ended, read models included', async () => {
      const first = store();
      await first.log.append(stamped(STORY));
      const [head, rows] = [first.log.head(), rowsOf(first)];
      closeAll();
      const again = store();
      expect([again.log.head(), rowsOf(again)]).toEqual([head, rows]);
      await again.log.append(stamped([pressed()]));
      expect(verifyChain(again.log.lines()).seq).toBe(5);
    });

    it('has everything that was acknowledged, from a copy of the files as a crash leaves them', async () => {
      const live = store();
      const crashed = join(folder, 'crashed.db');
      for (const fact of STORY) {
        await live.log.append(stamped([fact]));
        for (const part of ['', '-wal']) await copyFile(path + part, crashed + part);
        const after = openSqliteStore(crashed);
        try {
          expect(after.log.head()).toEqual(live.log.head());
          expect([...after.log.lines()]).toEqual([...live.log.lines()]);
          expect(rowsOf(after)).toEqual(rowsOf(live));
        } finally {
          after.log.close();
          for (const part of ['', '-wal', '-shm']) await rm(crashed + part, { force: true });
        }
      }
    });

    it('has whole batches only, wherever the write-ahead log was torn', async () => {
      const live = store();
      await live.log.append(stamped([started()]));
      const { size: before } = await stat(`${path}-wal`);
      await live.log.append(stamped([planned('b1'), pressed(), finished('b1')]));
      const wal = await readFile(`${path}-wal`);
      const crashed = join(folder, 'crashed.db');
      for (let cut = before; cut <= wal.length; cut += 1021) {
        await copyFile(path, crashed);
        await writeFile(`${crashed}-wal`, wal.subarray(0, cut));
        const after = openSqliteStore(crashed);
        try {
          expect(after.log.head().seq, `cut at ${cut}`).toBe(1);
          expect(after.history.rows()).toEqual([]);
        } finally {
          after.log.close();
          for (const part of ['', '-wal', '-shm']) await rm(crashed + part, { force: true });
        }
      }
    });
  });

  it('stores the bytes that were hashed', async () => {
    const { log } = store();
    await log.append(stamped([settled('b1', { failed: ['é😀"\n\u0000'] })]));
    const db = openDatabase(path, true);
    const row = db.prepare('SELECT CAST(line AS BLOB) AS bytes FROM journal').get();
    db.close();
    const bytes = Buffer.from(row?.['bytes'] as unknown as Uint8Array);
    expect(hashLine(bytes.toString('utf8'))).toBe(log.head().hash);
    expect(bytes).toEqual(Buffer.from([...log.lines()][0] ?? ''));
  });

  it('keeps a write-ahead log that is synced with each commit', () => {
    store();
    const db = openDatabase(path, false);
    const pragma = (name: string) => db.prepare(`PRAGMA ${name}`).get()?.[name];
    db.exec('PRAGMA synchronous = OFF');
    expect([pragma('journal_mode'), pragma('synchronous')]).toEqual(['wal', 0]);
    // The setting belongs to the connection: it can only be seen here.
    makeDurable(db);
    expect(pragma('synchronous')).toBe(2);
    db.close();
  });

  it('is one file when it is closed', async () => {
    await recorded();
    const copy = join(folder, 'copy.db');
    await copyFile(path, copy);
    expect(store(copy).log.head()).toEqual(store().log.head());
  });

  describe('when the disk is full', () => {
    /** A log of its own, because the page limit belongs to the connection. */
    function limited(): { log: SqliteLog; db: Database } {
      const db = openDatabase(path, false);
      db.exec('PRAGMA journal_mode = WAL');
      createJournal(db);
      const log = new SqliteLog(db, path);
      log.writeWith(new ModelWriter(db));
      open.push(log);
      return { log, db };
    }
    const pages = (db: Database) => Number(db.prepare('PRAGMA page_count').get()?.['page_count']);
    const big = Array.from({ length: 200 }, (_, n) =>
      settled('b1', { copied: [file(`${'n'.repeat(200)}${n}.jpg`)] }),
    );

    it('says so, stores nothing of the batch, and goes on when there is room', async () => {
      const { log, db } = limited();
      await log.append(stamped([started(), planned('b1')]));
      const head = log.head();
      db.exec(`PRAGMA max_page_count = ${pages(db) + 2}`);
      await expect(log.append(stamped(big))).rejects.toMatchObject({
        name: 'JournalError',
        code: 'state-disk-full',
      });
      expect(log.head()).toEqual(head);
      expect([...log.lines()]).toHaveLength(2);
      db.exec('PRAGMA max_page_count = 100000');
      await log.append(stamped([pressed()]));
      expect(verifyChain(log.lines())).toEqual(log.head());
      closeAll();
      const again = store();
      expect(again.log.head().seq).toBe(3);
      expect([...again.catalogue.copiesOf({ driveId: driveId('D') })]).toEqual([]);
    });
  });

  it('stores nothing when a read model cannot take a record', async () => {
    await recorded([started()]);
    const db = openDatabase(path, false);
    const log = new SqliteLog(db, path);
    open.push(log);
    const models = new ModelWriter(db);
    log.writeWith(models);
    let left = 1;
    const { apply } = models;
    models.apply = (record) => {
      if (left-- === 0) throw new Error('no room');
      apply.call(models, record);
    };
    await expect(log.append(stamped([planned('b1'), pressed()]))).rejects.toMatchObject({ code: 'io' });
    models.apply = apply;
    expect([log.head().seq, [...log.lines()].length]).toEqual([1, 1]);
    await log.append(stamped([planned('b2')]));
    closeAll();
    expect(
      store()
        .history.rows()
        .map(({ id }) => id),
    ).toEqual(['b2']);
  });

  it('counts no photo of a batch that was not stored, nor takes its groups for made', async () => {
    await recorded([started()]);
    const db = openDatabase(path, false);
    const log = new SqliteLog(db, path);
    open.push(log);
    const models = new ModelWriter(db);
    log.writeWith(models);
    const { apply } = models;
    models.apply = (record) => {
      if (record.fact.type === 'ButtonPressed') throw new Error('no room');
      apply.call(models, record);
    };
    const batch = [settled('b1', { copied: [file('1.jpg')] }), pressed()];
    await expect(log.append(stamped(batch))).rejects.toMatchObject({ code: 'io' });
    await log.append(stamped([settled('b2', { card: 'B', copied: [file('2.jpg')] })]));
    await log.append(stamped([settled('b1', { copied: [file('1.jpg')] })]));
    closeAll();
    const again = store();
    const groups = () => GROUPINGS.map((by) => again.shelf.groups(by));
    const live = groups();
    again.rebuild();
    expect(groups()).toEqual(live);
    expect(live.map((found) => found.map(({ photos }) => photos))).toEqual([[2], [2], [1, 1], [1, 1]]);
  });

  describe('damaged', () => {
    const many = Array.from({ length: 1200 }, () => pressed());
    const edit = (seq: number) =>
      tamper(`UPDATE journal SET line = replace(line, 'test-boot', 'best-boot') WHERE seq = ${seq}`);
    const rot = (seq: number) => tamper(`UPDATE journal SET line = 'x' || line WHERE seq = ${seq}`);

    it.each([1, 2, 3])('misses the deleted record %i', async (seq) => {
      await recorded();
      tamper('DELETE FROM journal WHERE seq = ?', seq);
      expect(refusal()?.code).toBe('damaged');
      expect(refusal(true)?.code).toBe('damaged');
    });

    it('misses a deleted record before the part that is followed at open', async () => {
      await recorded(many);
      tamper('DELETE FROM journal WHERE seq = 5');
      expect(refusal()?.code).toBe('damaged');
    });

    it('misses a tail that was cut off, all records included', async () => {
      await recorded();
      tamper('DELETE FROM journal WHERE seq = 4');
      expect(refusal()).toEqual({ code: 'damaged', line: 3 });
      tamper('DELETE FROM journal');
      expect(refusal()).toEqual({ code: 'damaged', line: 0 });
    });

    it.each([1, 2, 3, 4])('finds the edited record %i and names it', async (seq) => {
      await recorded();
      edit(seq);
      expect(refusal()).toEqual({ code: 'damaged', line: seq });
      expect(refusal(true)).toEqual({ code: 'damaged', line: seq });
    });

    it('finds an edit within the last 1,000 records at open', async () => {
      await recorded(many);
      edit(200);
      expect(refusal()).toEqual({ code: 'damaged', line: 200 });
    });

    it('reads large records a few at a time, each of them once', async () => {
      await recorded(Array.from({ length: 40 }, (_, n) => large(n % 4 === 0 ? 700_000 : 60_000)));
      const db = openDatabase(path, true);
      const pages: number[] = [];
      const listening: Database = {
        ...db,
        prepare: (sql) => {
          const statement = db.prepare(sql);
          return {
            run: (...values) => statement.run(...values),
            get: (...values) => statement.get(...values),
            all: (...values) => {
              const rows = statement.all(...values);
              pages.push(rows.reduce((sum, row) => sum + String(row['line'] ?? '').length, 0));
              return rows;
            },
          };
        },
      };
      const log = new SqliteLog(listening, path);
      expect([...log.read()].map(({ seq }) => seq)).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
      expect([...log.lines({ limit: 7, after: 3 })]).toHaveLength(7);
      db.close();
      // One that is larger than a page comes alone.
      expect(Math.max(...pages)).toBeGreaterThan(700_000);
      expect(Math.max(...pages)).toBeLessThan(710_000);
    });

    it('follows fewer records at open where they are large, and at least the last one', async () => {
      // 3 MB each: one fits into what is followed, and the one before it is where that begins.
      await recorded(Array.from({ length: 4 }, () => large(3_000_000)));
      edit(2);
      store();
      closeAll();
      edit(4);
      expect(refusal()).toEqual({ code: 'damaged', line: 4 });
    });

    it('follows 1,000 records that are small, beside large ones before them', async () => {
      await recorded([large(3_000_000), large(3_000_000), ...many.slice(-999)]);
      edit(2);
      expect(refusal()).toEqual({ code: 'damaged', line: 2 });
    });

    it('finds an older edit when the whole chain is verified', async () => {
      await recorded(many);
      edit(199);
      const { log } = store();
      expect(() => verifyChain(log.lines())).toThrowError(
        expect.objectContaining({ code: 'damaged', line: 199 }),
      );
    });

    it('names an older record that cannot be read, when it is read', async () => {
      await recorded(many);
      rot(7);
      const { log } = store();
      expect(() => [...log.read()]).toThrowError(expect.objectContaining({ code: 'damaged', line: 7 }));
    });

    it('leaves the old read models when they cannot be made again', async () => {
      await recorded([...STORY, ...many]);
      rot(7);
      const opened = store();
      const before = rowsOf(opened);
      expect(() => opened.rebuild()).toThrowError(expect.objectContaining({ code: 'damaged', line: 7 }));
      expect(rowsOf(opened)).toEqual(before);
      await opened.log.append(stamped([planned('b9')]));
      expect(opened.history.rows({ last: 1 })[0]?.id).toBe('b9');
    });

    it('refuses a file whose pages were overwritten', async () => {
      await recorded(many);
      const bytes = await readFile(path);
      await writeFile(path, bytes.fill(0xff, 4096));
      expect(refusal()?.code).toBe('damaged');
    });
  });

  describe('of another kind', () => {
    /** But those that SQLite keeps beside a file until its statements are collected (`openDatabase`). */
    const listed = async () => (await readdir(folder)).filter((name) => !/-(shm|wal)$/.test(name));
    const refusedUnchanged = async (code: string) => {
      const [before, files] = [await readFile(path), await listed()];
      expect(refusal()?.code).toBe(code);
      expect(await listed()).toEqual(files);
      expect(refusal(true)?.code).toBe(code);
      expect(await readFile(path)).toEqual(before);
    };

    it('refuses a newer format and leaves the file as it is', async () => {
      await recorded();
      tamper('PRAGMA user_version = 2');
      tamper('PRAGMA wal_checkpoint(TRUNCATE)');
      await refusedUnchanged('newer');
    });

    it('refuses a newer record', async () => {
      await recorded();
      tamper(`UPDATE journal SET line = replace(line, '"v":4', '"v":5') WHERE seq = 4`);
      const fault = refusal();
      expect(fault).toEqual({ code: 'newer', line: 4 });
    });

    it.each([
      'a shopping list',
      'x',
      'SQLite format 3',
      `SQLite format 4\0${'x'.repeat(5000)}`,
    ])('refuses the text %j and leaves it as it is', async (text) => {
      await writeFile(path, text);
      await refusedUnchanged('damaged');
    });

    it('refuses the database of another program and leaves it as it is', async () => {
      const db = openDatabase(path, false);
      db.exec('CREATE TABLE recipes (name TEXT)');
      db.close();
      await refusedUnchanged('damaged');
    });

    it('refuses a folder, and a folder that is not there', async () => {
      expect(() => openSqliteStore(folder)).toThrowError(
        expect.objectContaining({ name: 'JournalError', code: 'io' }),
      );
      expect(() => openSqliteStore(join(folder, 'none', 'journal.db'))).toThrowError(
        expect.objectContaining({ name: 'JournalError', code: 'io' }),
      );
    });

    it('takes an empty file for a new journal, but not for reading', async () => {
      await writeFile(path, '');
      expect(refusal(true)?.code).toBe('damaged');
      expect(store().log.head().seq).toBe(0);
    });
  });

  describe('open for reading only', () => {
    it('makes no file', async () => {
      expect(refusal(true)?.code).toBe('io');
      expect(await readdir(folder)).toEqual([]);
    });

    it('reads beside a writer that goes on', async () => {
      const writer = store();
      await writer.log.append(stamped(STORY));
      const reader = store(path, true);
      const lines = reader.log.lines();
      expect(lines[Symbol.iterator]().next().done).toBe(false);
      await writer.log.append(stamped([pressed()]));
      expect([...reader.log.lines()]).toHaveLength(5);
      expect(rowsOf(reader)).toEqual(rowsOf(writer));
    });

    it('writes nothing', async () => {
      await recorded();
      const reader = store(path, true);
      await expect(reader.log.append(stamped([pressed()]))).rejects.toMatchObject({ code: 'io' });
      await expect(reader.log.append([])).rejects.toMatchObject({ code: 'io' });
      expect(() => reader.rebuild()).toThrowError(expect.objectContaining({ code: 'io' }));
      expect(reader.log.head().seq).toBe(4);
    });

    it('reads the journal although the read models are of another version', async () => {
      await recorded();
      tamper('DROP TABLE copies');
      const { log } = store(path, true);
      expect([...log.read()]).toHaveLength(4);
    });

    it('does not take a shelf of another version for its own: the daemon has to make it again', async () => {
      await recorded();
      expect(store(path, true).shelf.groups('day')).toHaveLength(1);
      tamper("UPDATE meta SET value = '1' WHERE key = 'model_version'");
      const error = expect.objectContaining({ exitCode: 69, code: 'other-version' });
      expect(() => store(path, true).shelf).toThrowError(error);
    });
  });

  describe('read models', () => {
    it('are made again when they are of another version, whatever their tables were', async () => {
      const first = store();
      await first.log.append(stamped(STORY));
      const rows = rowsOf(first);
      closeAll();
      for (const table of ['copies', 'seen', 'history']) {
        tamper(`DROP TABLE ${table}`);
        tamper(`CREATE TABLE ${table} (old TEXT)`);
      }
      tamper("UPDATE meta SET value = '1' WHERE key = 'model_version'");
      expect(rowsOf(store())).toEqual(rows);
      closeAll();
      // Not made again once they are right.
      tamper("UPDATE history SET entry = replace(entry, 'label A', 'label X')");
      expect(store().history.find(backupId('b1'))?.card).toBe('label X');
    });

    it('are made again when they lag behind the journal', async () => {
      await recorded();
      tamper("UPDATE history SET entry = replace(entry, 'label A', 'label X')");
      tamper("UPDATE meta SET value = '3' WHERE key = 'position'");
      expect(store().history.find(backupId('b1'))?.card).toBe('label A');
      closeAll();
      const db = openDatabase(path, true);
      expect(db.prepare("SELECT value FROM meta WHERE key = 'position'").get()?.['value']).toBe('4');
      db.close();
    });

    it('know their place again when it was lost', async () => {
      await recorded();
      tamper("DELETE FROM meta WHERE key = 'position'");
      store();
      closeAll();
      const db = openDatabase(path, true);
      expect(db.prepare("SELECT value FROM meta WHERE key = 'position'").get()?.['value']).toBe('4');
      db.close();
    });

    it('follow on after they were made again', async () => {
      const opened = store();
      await opened.log.append(stamped(STORY));
      opened.rebuild();
      await opened.log.append(stamped([planned('b2'), settled('b2', { copied: [file('b.jpg')] })]));
      expect(opened.history.rows().map(({ id }) => id)).toEqual(['b1', 'b2']);
      expect(opened.catalogue.copyAt(driveId('D'), relativePath('b.jpg'))?.backupId).toBe('b2');
      closeAll();
      expect(store().log.head().seq).toBe(6);
    });

    it('of an empty journal are empty', () => {
      const opened = store();
      opened.rebuild();
      expect(opened.history.rows()).toEqual([]);
    });
  });
});
