import { rename } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { CardError } from '../../services/errors.ts';
import type { CardFile, CardReader } from '../../services/media-ports.ts';
import { altered, DAY, NOON, type World, world } from './world.ts';

/** A card whose files are opened through `change`. */
function through(box: World, change: (file: CardFile, path: string) => CardFile): CardReader {
  return altered(box.cards, {
    open: async (root, file) => change(await box.cards.open(root, file), file.path),
  });
}

const broken = (code: CardError['code']) => async (): Promise<never> => {
  throw new CardError(code, 'input/output error');
};

describe('a file that cannot be read', () => {
  test('fails alone, all others are copied', async () => {
    const box = await world();
    for (const name of ['IMG_1.JPG', 'IMG_1.CR2', 'IMG_2.JPG']) await box.put(name, name);
    const cards = through(box, (file, path) =>
      path === 'IMG_1.CR2' ? altered(file, { read: broken('unreadable') }) : file,
    );
    expect(await box.backup({ cards })).toMatchObject({
      type: 'BackupFailed',
      reason: 'card-unreadable',
      detail: expect.stringContaining('IMG_1.CR2'),
      totals: { files: 3, copied: 2, failed: 1 },
      drives: [{ outcome: 'failed', reason: 'card-unreadable', files: 2 }],
    });
    expect(box.journal.of('FilesSettled')[0]?.failed).toMatchObject([{ path: 'IMG_1.CR2' }]);
    expect(Object.keys(await box.onDrive())).toEqual([`${DAY}/IMG_1.JPG`, `${DAY}/IMG_2.JPG`]);
    expect(await box.incoming()).toEqual([]);
    expect(box.journal.of('BackupVerified')).toEqual([]);
  });

  test('joins its shot when it can be read after all', async () => {
    const box = await world();
    for (const name of ['IMG_1.JPG', 'IMG_1.CR2']) await box.put(name, name);
    const cards = through(box, (file, path) =>
      path === 'IMG_1.CR2' ? altered(file, { read: broken('unreadable') }) : file,
    );
    await box.backup({ cards });
    expect(await box.backup()).toMatchObject({
      type: 'BackupFinished',
      totals: { copied: 1, duplicates: 1 },
    });
    expect(Object.keys(await box.onDrive())).toEqual([`${DAY}/IMG_1.CR2`, `${DAY}/IMG_1.JPG`]);
  });

  test('keeps its place in the day of its shot, which the others of it wait in', async () => {
    const box = await world();
    await box.put('IMG_1.CR2', 'raw', NOON);
    await box.put('IMG_1.JPG', 'picture', NOON + 24 * 3_600_000);
    const cards = altered(box.cards, {
      readStarts: async (root, files, maxBytes) => {
        const starts = await box.cards.readStarts(root, files, maxBytes);
        const read = starts.files.map((start, at) =>
          files[at]?.path === 'IMG_1.CR2' ? new CardError('unreadable', 'input/output error') : start,
        );
        return { ...starts, files: read };
      },
      open: (root, file) => (file.path === 'IMG_1.CR2' ? broken('unreadable')() : box.cards.open(root, file)),
    });
    await box.backup({ cards });
    expect(Object.keys(await box.onDrive())).toEqual([`${DAY}/IMG_1.JPG`]);
    expect(await box.backup()).toMatchObject({
      type: 'BackupFinished',
      totals: { copied: 1, duplicates: 1 },
    });
    expect(Object.keys(await box.onDrive())).toEqual([`${DAY}/IMG_1.CR2`, `${DAY}/IMG_1.JPG`]);
  });

  test('cannot be opened, or only not be hashed again: the same', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'one');
    await box.backup();
    const cards = altered(box.cards, { open: broken('unreadable') });
    expect(await box.backup({ cards })).toMatchObject({ reason: 'card-unreadable', totals: { failed: 1 } });
  });

  test('a folder that cannot be listed is a failed file', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'one');
    const cards = altered(box.cards, {
      scan: async function* (root: string) {
        yield* box.cards.scan(root);
        yield { kind: 'unreadable', path: 'DCIM/bad', pathBase64: 'REM=', detail: 'EIO' } as never;
      },
    });
    expect(await box.backup({ cards })).toMatchObject({
      type: 'BackupFailed',
      reason: 'card-unreadable',
      totals: { files: 2, copied: 1, failed: 1 },
    });
    expect(box.journal.of('FilesSettled')[0]?.failed).toEqual([
      { path: 'DCIM/bad', pathBase64: 'REM=', reason: 'card-unreadable', detail: 'EIO' },
    ]);
  });

  test('a card whose root cannot be listed is unreadable, not removed', async () => {
    const box = await world();
    const cards = altered(box.cards, {
      scan: async function* () {
        yield* [];
        throw new CardError('unreadable', 'permission denied');
      },
    });
    expect(await box.backup({ cards })).toMatchObject({
      type: 'BackupFailed',
      reason: 'card-unreadable',
      detail: 'permission denied',
    });
  });

  test('a false early end of file is not a whole file', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'x'.repeat(100));
    const cards = through(box, (file) =>
      altered(file, {
        read: async (buffer, position) => (position > 0 ? 0 : file.read(buffer.subarray(0, 60), 0)),
      }),
    );
    expect(await box.backup({ cards })).toMatchObject({
      reason: 'card-unreadable',
      detail: 'IMG_1.JPG: 60 of 100 bytes could be read',
    });
    expect(await box.onDrive()).toEqual({});
  });
});

describe('a file that changes while it is read', () => {
  const changing = (box: World, times: number): CardReader => {
    let left = times;
    return through(box, (file) => altered(file, { changed: async () => left-- > 0 }));
  };

  test('is copied again once', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'one');
    expect(await box.backup({ cards: changing(box, 1) })).toMatchObject({ type: 'BackupFinished' });
    expect(await box.onDrive()).toEqual({ [`${DAY}/IMG_1.JPG`]: 'one' });
    expect(await box.incoming()).toEqual([]);
  });

  test('and fails the second time', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'one');
    expect(await box.backup({ cards: changing(box, 3) })).toMatchObject({
      type: 'BackupFailed',
      reason: 'file-changed',
    });
    expect(await box.onDrive()).toEqual({});
    expect(await box.incoming()).toEqual([]);
  });

  test('a file that grows for ever comes to an end', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'one');
    const cards = through(box, (file) => altered(file, { read: async () => 3, changed: async () => true }));
    expect(await box.backup({ cards })).toMatchObject({ reason: 'file-changed' });
  });

  test('what it is at the second reading is what is recorded', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'old');
    let first = true;
    const cards = through(box, (file) =>
      altered(file, {
        changed: async () => {
          if (first) await box.put('IMG_1.JPG', 'brand new', NOON + 5000);
          const changed = first;
          first = false;
          return changed;
        },
      }),
    );
    await box.backup({ cards });
    expect(await box.onDrive()).toEqual({ [`${DAY}/IMG_1.JPG`]: 'brand new' });
    expect(box.journal.of('FilesSettled')[0]?.copied).toMatchObject([{ sizeBytes: 9, mtimeMs: NOON + 5000 }]);
  });
});

describe('a card that is pulled', () => {
  const FILES = 12;

  async function filled(): Promise<World> {
    const box = await world();
    for (let n = 1; n <= FILES; n += 1) await box.put(`DCIM/10${n % 3}/IMG_${n}.JPG`, `content ${n}`);
    return box;
  }

  /** Gone at the k-th read, and from then on. */
  function pulledAt(box: World, k: number, code: CardError['code']): CardReader {
    let reads = 0;
    const gone = (): boolean => reads >= k;
    return altered(box.cards, {
      open: async (root, path) => {
        if (gone()) throw new CardError(code, 'no such device');
        const file = await box.cards.open(root, path);
        return altered(file, {
          read: async (buffer, position) => {
            reads += 1;
            if (gone()) throw new CardError(code, 'no such device');
            return file.read(buffer, position);
          },
        });
      },
      isPresent: async () => !gone(),
    });
  }

  test.each(
    Array.from({ length: FILES }, (_, k) => k + 1),
  )('at the %i. read: interrupted, and the next time it is finished with the same set', async (k) => {
    const whole = await filled();
    await whole.backup();
    const box = await filled();
    const end = await box.backup({ cards: pulledAt(box, k, k % 2 === 0 ? 'gone' : 'unreadable') });
    expect(end).toMatchObject({
      type: 'BackupInterrupted',
      reason: 'card-removed',
      drives: [{ outcome: 'interrupted', reason: 'card-removed' }],
    });
    expect(box.journal.of('CardRead')).toEqual([]);
    expect(await box.incoming()).toEqual([]);
    expect(await box.backup()).toMatchObject({ type: 'BackupFinished', totals: { failed: 0 } });
    expect(await box.onDrive()).toEqual(await whole.onDrive());
  });

  test('while it is listed: what was listed is not taken for all', async () => {
    const box = await filled();
    const cards = altered(box.cards, {
      scan: async function* () {
        yield* [];
      },
      isPresent: async () => false,
    });
    expect(await box.backup({ cards })).toMatchObject({ type: 'BackupInterrupted', reason: 'card-removed' });
    await rename(box.card.path, `${box.card.path}-away`);
    expect(await box.backup()).toMatchObject({ type: 'BackupInterrupted', reason: 'card-removed' });
    expect(box.journal.of('BackupPlanned')).toEqual([]);
  });

  test('after its last byte was read: nothing is lost, the backup is done', async () => {
    const box = await filled();
    let pulled = false;
    const end = await box.backup({
      emit: async (fact) => {
        await box.journal.emit(fact);
        pulled ||= fact.type === 'CardRead';
      },
      cards: altered(box.cards, { isPresent: async () => !pulled }),
      stop: () => (pulled ? 'card-removed' : null),
    });
    expect(end).toMatchObject({ type: 'BackupFinished', totals: { copied: FILES } });
  });

  test('after its last byte was read, when a copy turns out wrong: that is said, not passed over', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'one');
    let pulled = false;
    const drive = box.drive;
    const flipping = altered(drive, {
      createIncoming: async () => {
        const incoming = await drive.createIncoming();
        return altered(incoming, {
          readBack: async () => ({ ...(await incoming.readBack()), xxh64: '0000000000000000' }),
        });
      },
    });
    const end = await box.backup({
      drives: [flipping],
      emit: async (fact) => {
        await box.journal.emit(fact);
        pulled ||= fact.type === 'CardRead';
      },
      cards: altered(box.cards, {
        isPresent: async () => !pulled,
        open: async (root, file) => {
          if (pulled) throw new CardError('gone', 'no such device');
          return box.cards.open(root, file);
        },
      }),
    });
    expect(end).toMatchObject({ type: 'BackupFailed', reason: 'verify-mismatch', totals: { failed: 1 } });
    expect(await box.onDrive()).toEqual({});
  });
});
