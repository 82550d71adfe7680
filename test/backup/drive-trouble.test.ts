import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { relativePath } from '../../machines/ids.ts';
import { CardError, DriveError, JournalError } from '../../services/errors.ts';
import type { DriveStore, IncomingFile } from '../../services/media-ports.ts';
import { altered, DAY, NOON, type World, world } from './world.ts';

/** A drive whose incoming files go through `change`. */
function through(store: DriveStore, change: (file: IncomingFile, n: number) => IncomingFile): DriveStore {
  let n = 0;
  return altered(store, {
    createIncoming: async () => {
      n += 1;
      return change(await store.createIncoming(), n);
    },
  });
}

const free = (store: DriveStore, freeBytes: number): DriveStore =>
  altered(store, { freeBytes: async () => freeBytes });

async function withFiles(...sizes: number[]): Promise<World> {
  const box = await world();
  for (const [at, size] of sizes.entries()) {
    await box.put(`IMG_${at}.JPG`, Buffer.alloc(size, at + 1), NOON + at * 1000);
  }
  return box;
}

describe('a card that does not fit', () => {
  test('nothing is copied', async () => {
    const box = await withFiles(400, 700);
    expect(await box.backup({ drives: [free(box.drive, 1099)] })).toMatchObject({
      type: 'BackupFailed',
      reason: 'drive-full',
      totals: { files: 2, copied: 0, duplicates: 0, failed: 0 },
      drives: [{ outcome: 'failed', reason: 'drive-full', files: 0 }],
    });
    expect(box.journal.facts.map(({ type }) => type)).toEqual(['BackupPlanned', 'BackupFailed']);
    expect(await box.onDrive()).toEqual({});
    expect(await box.backup({ drives: [free(box.drive, 1100)] })).toMatchObject({ type: 'BackupFinished' });
  });

  test('the reserve stays free', async () => {
    const box = await withFiles(400, 700);
    const order = { drives: [free(box.drive, 1149)], reserveBytes: 50 };
    expect(await box.backup(order)).toMatchObject({ reason: 'drive-full' });
    const enough = { drives: [free(box.drive, 1150)], reserveBytes: 50 };
    expect(await box.backup(enough)).toMatchObject({ type: 'BackupFinished' });
  });

  test('a card that is on the full drive already is no reason to refuse', async () => {
    const box = await withFiles(400, 700);
    await box.backup();
    const order = { drives: [free(box.drive, 10)], reserveBytes: 50 };
    expect(await box.backup(order)).toMatchObject({ type: 'BackupFinished', totals: { duplicates: 2 } });
  });

  test('one new file among duplicates: only its bytes count', async () => {
    const box = await withFiles(400, 700);
    await box.backup();
    await box.put('NEW.JPG', Buffer.alloc(700, 9));
    expect(await box.backup({ drives: [free(box.drive, 699)] })).toMatchObject({ reason: 'drive-full' });
    expect(await box.backup({ drives: [free(box.drive, 700)] })).toMatchObject({
      type: 'BackupFinished',
      totals: { copied: 1, duplicates: 2 },
    });
  });

  test('a file that cannot be read while duplicates are looked for still fails by itself', async () => {
    const box = await withFiles(400, 700);
    await box.backup();
    const cards = altered(box.cards, {
      open: async (root, file) => {
        if (file.path === 'IMG_1.JPG') throw new CardError('unreadable', 'EIO');
        return box.cards.open(root, file);
      },
    });
    expect(await box.backup({ drives: [free(box.drive, 700)], cards })).toMatchObject({
      reason: 'card-unreadable',
      totals: { duplicates: 1, failed: 1 },
    });
  });

  test('fit: the newest shots that have room, the others are named', async () => {
    const box = await withFiles(300, 100, 500, 200);
    const end = await box.backup({ drives: [free(box.drive, 650)], fit: true });
    expect(end).toMatchObject({
      type: 'BackupFailed',
      reason: 'drive-full',
      detail: expect.stringContaining('IMG_2.JPG'),
      totals: { files: 4, copied: 3, failed: 1 },
    });
    expect(box.journal.of('BackupPlanned')[0]?.drives).toMatchObject([{ files: 3, bytes: 600 }]);
    expect(box.journal.of('FilesSettled').flatMap(({ failed }) => failed)).toMatchObject([
      { path: 'IMG_2.JPG', reason: 'drive-full' },
    ]);
    expect(Object.keys(await box.onDrive())).toEqual(
      ['IMG_0.JPG', 'IMG_1.JPG', 'IMG_3.JPG'].map((name) => `${DAY}/${name}`),
    );
  });

  test('fit: a shot is never split', async () => {
    const box = await withFiles(100);
    await box.put('IMG_9.JPG', Buffer.alloc(100, 8), NOON + 50_000);
    await box.put('IMG_9.CR2', Buffer.alloc(900, 8), NOON + 50_000);
    await box.backup({ drives: [free(box.drive, 500)], fit: true });
    expect(Object.keys(await box.onDrive())).toEqual([`${DAY}/IMG_0.JPG`]);
  });

  test('fit: what is on the drive needs no room', async () => {
    const box = await withFiles(300, 100);
    await box.backup();
    const order = { drives: [free(box.drive, 0)], fit: true };
    expect(await box.backup(order)).toMatchObject({ type: 'BackupFinished', totals: { duplicates: 2 } });
  });
});

describe('a file larger than the file system takes', () => {
  const limited = (store: DriveStore): DriveStore =>
    altered(store, { rules: { ...store.rules, maxFileBytes: 500 } });

  test('fails alone, before it is read', async () => {
    const box = await withFiles(500, 501);
    const opened: string[] = [];
    const cards = altered(box.cards, {
      open: async (root, file) => {
        opened.push(file.path);
        return box.cards.open(root, file);
      },
    });
    const order = { drives: [free(limited(box.drive), 500)], cards };
    expect(await box.backup(order)).toMatchObject({
      type: 'BackupFailed',
      reason: 'file-too-large',
      totals: { copied: 1, failed: 1 },
    });
    expect(opened).toEqual(['IMG_0.JPG']);
    expect(box.journal.of('BackupPlanned')[0]?.drives).toMatchObject([{ files: 1, bytes: 500 }]);
  });

  test('fails alone when the drive says so only while it is written', async () => {
    const box = await withFiles(5, 6);
    const store = through(box.drive, (incoming) =>
      altered(incoming, {
        write: async (bytes) => {
          if (bytes.length === 6) throw new DriveError('file-too-large', 'EFBIG');
          await incoming.write(bytes);
        },
      }),
    );
    expect(await box.backup({ drives: [store] })).toMatchObject({
      reason: 'file-too-large',
      totals: { copied: 1, failed: 1 },
    });
    expect(await box.incoming()).toEqual([]);
  });
});

describe('a drive that fills up in the middle', () => {
  test('keeps every whole shot that was written', async () => {
    const box = await withFiles(10, 10, 10, 10);
    let room = 20;
    const store = through(box.drive, (incoming) => {
      let taken = 0;
      return altered(incoming, {
        write: async (bytes) => {
          if (bytes.length > room) throw new DriveError('drive-full', 'ENOSPC');
          room -= bytes.length;
          taken += bytes.length;
          await incoming.write(bytes);
        },
        place: (to) => {
          taken = 0;
          return incoming.place(to);
        },
        discard: () => {
          room += taken;
          taken = 0;
          return incoming.discard();
        },
      });
    });
    const sealed: string[] = [];
    const end = await box.backup({
      drives: [store],
      seal: async ({ drive }) => {
        sealed.push(drive.label);
      },
    });
    expect(end).toMatchObject({
      type: 'BackupFailed',
      reason: 'drive-full',
      totals: { files: 4, copied: 2, failed: 0 },
      drives: [{ outcome: 'failed', reason: 'drive-full', files: 2 }],
    });
    expect(Object.keys(await box.onDrive())).toHaveLength(2);
    expect(await box.incoming()).toEqual([]);
    // What is there is in the manifest, although the backup failed.
    expect(sealed).toEqual(['TANK']);
    expect(await box.backup()).toMatchObject({
      type: 'BackupFinished',
      totals: { copied: 2, duplicates: 2 },
    });
  });

  test('when the names are given: nothing is recorded, and nothing is doubled afterwards', async () => {
    const box = await withFiles(10, 11, 12);
    let places = 0;
    const store = through(box.drive, (incoming) =>
      altered(incoming, {
        place: async (to) => {
          places += 1;
          if (places > 1) throw new DriveError('drive-full', 'ENOSPC');
          return incoming.place(to);
        },
      }),
    );
    expect(await box.backup({ drives: [store] })).toMatchObject({
      reason: 'drive-full',
      totals: { copied: 0 },
    });
    expect(await box.incoming()).toEqual([]);
    expect(await box.backup()).toMatchObject({ type: 'BackupFinished', totals: { copied: 3 } });
    expect(Object.keys(await box.onDrive())).toHaveLength(3);
  });
});

describe('bytes that change on their way to the medium', () => {
  const flipping = (store: DriveStore, times: number): DriveStore =>
    through(store, (incoming, n) =>
      altered(incoming, {
        write: async (bytes) => {
          const copy = Buffer.from(bytes);
          if (n <= times) copy[0] = (copy[0] ?? 0) ^ 1;
          await incoming.write(copy);
        },
      }),
    );

  test('are found and copied again once', async () => {
    const box = await withFiles(10);
    expect(await box.backup({ drives: [flipping(box.drive, 1)] })).toMatchObject({ type: 'BackupFinished' });
    expect(Object.values(await box.onDrive())).toEqual(['\u0001'.repeat(10)]);
    expect(await box.incoming()).toEqual([]);
  });

  test('the second time it is a mismatch: the file is not on the drive, the backup is red', async () => {
    const box = await withFiles(10);
    await box.put('IMG_0.CR2', 'raw');
    expect(await box.backup({ drives: [flipping(box.drive, 99)] })).toMatchObject({
      type: 'BackupFailed',
      reason: 'verify-mismatch',
      totals: { copied: 0, failed: 2 },
    });
    expect(await box.onDrive()).toEqual({});
    expect(await box.incoming()).toEqual([]);
    expect(box.journal.of('BackupVerified')).toEqual([]);
  });

  test('the card is pulled before the second try: interrupted, nothing is left', async () => {
    const box = await withFiles(10);
    let flipped = false;
    const store = through(box.drive, (incoming) =>
      altered(incoming, {
        readBack: async () => {
          flipped = true;
          return { ...(await incoming.readBack()), xxh64: '0000000000000000' };
        },
      }),
    );
    const second = await box.addDrive('SECOND');
    const order = { drives: [store, second], stop: () => (flipped ? 'card-removed' : null) } as const;
    // Only the last batches may count on a card that is gone.
    for (let n = 0; n < 600; n += 1) await box.put(`MANY_${n}.JPG`, `content ${n}`);
    expect(await box.backup(order)).toMatchObject({ type: 'BackupInterrupted', reason: 'card-removed' });
    expect(await box.incoming()).toEqual([]);
  });

  test('a drive that fails while it is read back fails, and nothing is left', async () => {
    const box = await withFiles(10, 20);
    const store = through(box.drive, (incoming) =>
      altered(incoming, {
        readBack: async () => {
          throw new DriveError('drive-failing', 'EIO');
        },
      }),
    );
    expect(await box.backup({ drives: [store] })).toMatchObject({
      reason: 'drive-failing',
      totals: { copied: 0 },
    });
    expect(await box.onDrive()).toEqual({});
    expect(await box.incoming()).toEqual([]);
  });

  test('the rest of its shot is kept', async () => {
    const box = await withFiles(10);
    await box.put('IMG_0.CR2', 'raw');
    const store = through(box.drive, (incoming) =>
      altered(incoming, {
        readBack: async () => {
          const result = await incoming.readBack();
          return result.sizeBytes === 3 ? { ...result, sizeBytes: 2 } : result;
        },
      }),
    );
    expect(await box.backup({ drives: [store] })).toMatchObject({
      reason: 'verify-mismatch',
      totals: { copied: 1, failed: 1 },
    });
    expect(Object.keys(await box.onDrive())).toEqual([`${DAY}/IMG_0.JPG`]);
  });
});

describe('a drive that fails', () => {
  const REASONS = ['drive-lost', 'drive-failing', 'drive-not-writable'] as const;
  const CALLS = ['clearIncoming', 'freeBytes', 'createIncoming', 'list', 'settle', 'stat', 'sync'] as const;

  test.each(
    CALLS.flatMap((call) => REASONS.map((reason) => [call, reason] as const)),
  )('in %s with %s: the backup fails with that reason, the next one makes it whole', async (call, reason) => {
    const box = await withFiles(10, 20);
    const fail = async (): Promise<never> => {
      throw new DriveError(reason, 'EIO');
    };
    const store = altered(box.drive, { [call]: fail });
    expect(await box.backup({ drives: [store] })).toMatchObject({
      type: 'BackupFailed',
      reason,
      detail: 'EIO',
      drives: [{ outcome: 'failed', reason }],
    });
    expect(await box.incoming()).toEqual([]);
    expect(await box.backup()).toMatchObject({ type: 'BackupFinished' });
    expect(Object.keys(await box.onDrive())).toHaveLength(2);
  });

  test('a file that is not there after it was placed is no copy', async () => {
    const box = await withFiles(10);
    const store = altered(box.drive, { stat: async () => ({ sizeBytes: 9, mtimeMs: 0, file: '' }) });
    expect(await box.backup({ drives: [store] })).toMatchObject({
      reason: 'drive-failing',
      totals: { copied: 0 },
    });
    expect(box.journal.of('FilesSettled')).toEqual([]);
  });

  test('a seal that fails makes the backup fail', async () => {
    const box = await withFiles(10);
    const seal = async (): Promise<never> => {
      throw new DriveError('drive-failing', 'the manifest reads back differently');
    };
    expect(await box.backup({ seal })).toMatchObject({ type: 'BackupFailed', reason: 'drive-failing' });
  });

  test('the stop "drive-lost" ends it with that reason', async () => {
    const box = await withFiles(10);
    expect(await box.backup({ stop: () => 'drive-lost' })).toMatchObject({
      type: 'BackupFailed',
      reason: 'drive-lost',
      drives: [{ outcome: 'failed', reason: 'drive-lost' }],
    });
  });
});

test('ten thousand files of one name are refused, not tried for ever', async () => {
  const box = await withFiles(10);
  const names = Array.from({ length: 10_000 }, (_, n) => (n === 0 ? 'IMG_0.JPG' : `IMG_0_${n + 1}.JPG`));
  const store = altered(box.drive, { list: async () => names });
  expect(await box.backup({ drives: [store] })).toMatchObject({
    reason: 'drive-not-writable',
    detail: `${DAY}: 10000 files of one name`,
  });
});

describe('what nobody expects', () => {
  test('no drive at all', async () => {
    const box = await withFiles(10);
    expect(await box.backup({ drives: [] })).toMatchObject({ type: 'BackupFailed', reason: 'no-drive' });
  });

  test('an unexpected error is internal', async () => {
    const box = await withFiles(10);
    const metadata = {
      captures: async (): Promise<never> => {
        throw new TypeError('a bug');
      },
    };
    expect(await box.backup({ metadata })).toMatchObject({
      type: 'BackupFailed',
      reason: 'internal',
      detail: 'a bug',
      drives: [{ outcome: 'failed', reason: 'internal' }],
    });
    expect(await box.incoming()).toEqual([]);
  });

  test.each([
    ['state-disk-full', 'state-disk-full'],
    ['io', 'internal'],
  ] as const)('a journal that refuses files (%s): %s', async (code, reason) => {
    const box = await withFiles(10);
    const end = await box.backup({
      emit: async (fact) => {
        if (fact.type === 'FilesSettled') throw new JournalError(code, null, 'no room');
        await box.journal.emit(fact);
      },
    });
    expect(end).toMatchObject({ type: 'BackupFailed', reason, totals: { copied: 0 } });
    // What was placed and not recorded is found, not doubled.
    expect(await box.backup()).toMatchObject({ type: 'BackupFinished', totals: { copied: 1 } });
    expect(Object.keys(await box.onDrive())).toHaveLength(1);
  });

  test('a journal that takes nothing at all: the caller is told', async () => {
    const box = await withFiles(10);
    const emit = async (): Promise<never> => {
      throw new JournalError('io', null, 'gone');
    };
    await expect(box.backup({ emit })).rejects.toThrow('gone');
  });
});

describe('trust', () => {
  const volume = (store: DriveStore, from: 'medium' | 'cache'): DriveStore =>
    altered(store, {
      drive: { ...store.drive, kind: 'volume' },
      rules: { ...store.rules, verifiedFrom: from },
      createIncoming: async () => {
        const incoming = await store.createIncoming();
        return altered(incoming, {
          readBack: async () => ({ ...(await incoming.readBack()), verifiedFrom: from }),
        });
      },
    });

  test.each([
    ['medium', true],
    ['cache', false],
  ] as const)('a volume verified from %s: trusted is %s', async (from, trusted) => {
    const box = await withFiles(10);
    const store = volume(box.drive, from);
    // At the end some of them are read back once more, under their names.
    const readBack: DriveStore['readBack'] = async (path) => ({
      ...(await store.readBack(path)),
      verifiedFrom: from,
    });
    const end = await box.backup({ drives: [altered(store, { readBack })] });
    expect(end).toMatchObject({ type: 'BackupFinished', trusted, drives: [{ verifiedFrom: from }] });
    expect(box.journal.of('FilesSettled')).toMatchObject([{ verifiedFrom: from }]);
  });

  test('one read-back from the cache is enough to spoil it', async () => {
    const box = await withFiles(10, 20);
    const store = volume(box.drive, 'medium');
    const mixed = through(store, (incoming) =>
      altered(incoming, {
        readBack: async () => {
          const result = await incoming.readBack();
          return result.sizeBytes === 10 ? { ...result, verifiedFrom: 'cache' } : result;
        },
      }),
    );
    expect(await box.backup({ drives: [mixed] })).toMatchObject({ type: 'BackupFinished', trusted: false });
  });

  test.each([
    'found by its content',
    'found under its name',
  ])('so is one copy %s and read from the cache', async (how) => {
    const box = await withFiles(10);
    const content = '\u0001'.repeat(10);
    await box.alter(`${DAY}/IMG_0.JPG`, content);
    if (how === 'found by its content') {
      const xxh64 = (await box.drive.readBack(relativePath(`${DAY}/IMG_0.JPG`))).xxh64;
      await box.journal.emit({
        type: 'DriveContentLearned',
        driveId: box.drive.drive.id,
        files: [{ to: relativePath(`${DAY}/IMG_0.JPG`), sizeBytes: 10, xxh64 }],
      });
    }
    const store = volume(box.drive, 'medium');
    const cached = altered(store, {
      readBack: async (path) => ({ ...(await store.readBack(path)), verifiedFrom: 'cache' }),
    });
    expect(await box.backup({ drives: [cached] })).toMatchObject({
      type: 'BackupFinished',
      trusted: false,
      drives: [{ verifiedFrom: 'cache' }],
    });
    expect(await box.onDrive()).toEqual({ [`${DAY}/IMG_0.JPG`]: content });
  });
});
