import { describe, expect, test } from 'vitest';
import { memoryPlan } from '../../adapters/memory/memory-plan.ts';
import { relativePath } from '../../machines/ids.ts';
import type { StopWhy } from '../../services/backup/job.ts';
import { type CardPlan, planCard } from '../../services/backup/plan.ts';
import type { PlannedFile } from '../../services/backup/ports.ts';
import { Source } from '../../services/backup/source.ts';
import { CardError } from '../../services/errors.ts';
import type { CardReader, ScannedEntry, SpecialKind } from '../../services/media-ports.ts';
import { altered } from './world.ts';

function* photos(count: number): Generator<ScannedEntry> {
  for (let n = 0; n < count; n += 1) {
    yield { kind: 'file', path: relativePath(`DCIM/IMG_${n}.JPG`), sizeBytes: 2, mtimeMs: n };
  }
}

function* links(count: number): Generator<ScannedEntry> {
  for (let n = 0; n < count; n += 1) yield { kind: 'ignored', path: relativePath(`link-${n}`) };
}

function plan(
  entries: Iterable<ScannedEntry>,
  stop: () => StopWhy | null = () => null,
  present = true,
  store = memoryPlan(),
) {
  const cards: Partial<CardReader> = {
    scan: async function* () {
      yield* entries;
    },
    isPresent: async () => present,
  };
  const reader = cards as CardReader;
  return planCard(
    reader,
    '/card',
    new Source({
      cards: reader,
      root: '/card',
      stop,
      onBytes: () => undefined,
      formatOf: () => null,
      twice: false,
    }),
    store,
  );
}

describe('the plan of a card', () => {
  test('numbers its files and counts them', async () => {
    const { groups, files, bytes, ignored, unreadable } = await plan([
      ...photos(2),
      { kind: 'file', path: relativePath('DCIM/IMG_0.xmp'), sizeBytes: 5, mtimeMs: 0 },
      { kind: 'unreadable', path: relativePath('PRIVATE'), detail: 'EACCES' },
      ...links(1),
    ]);
    const indexes = [...groups()].map(({ members }) => members.map(({ index }) => index));
    expect(indexes).toEqual([[0, 2], [1]]);
    expect({ files, bytes, ignored }).toEqual({ files: 4, bytes: 9, ignored: ['link-0'] });
    expect([...unreadable()]).toEqual([
      { index: 3, outcome: { path: 'PRIVATE', reason: 'card-unreadable', detail: 'EACCES' } },
    ]);
  });

  test('tells of links and their like, not of the folders of a system', async () => {
    const special = (path: string, kind: SpecialKind): ScannedEntry => ({
      kind: 'ignored',
      path: relativePath(path),
      special: kind,
    });
    expect((await plan(links(2))).specialNote('SD1')).toBeNull();
    const some = [...links(1), special('a', 'link'), special('b', 'fifo')];
    expect((await plan(some)).specialNote('SD1')).toBe(
      'SD1: 2 entries are no files and are not backed up: a (symbolic link), b (named pipe)',
    );
    const four = [...some, special('c', 'socket'), special('d', 'device')];
    expect((await plan(four)).specialNote('SD1')).toMatch(/4 entries .*, c \(socket\) and 1 other$/);
    const more = [...four, special('e', 'device')];
    expect((await plan(more)).specialNote('SD1')).toMatch(/5 entries .* and 2 others$/);
  });

  test('names a thousand ignored entries and no more', async () => {
    const { ignored, files } = await plan(links(1001));
    expect(ignored).toHaveLength(1000);
    expect(files).toBe(0);
  });

  test('is none when the card was gone at the end of the listing', async () => {
    await expect(plan(photos(3), () => null, false)).rejects.toMatchObject({ why: 'card-removed' });
  });

  test.each(['shutdown', 'card-removed', 'drive-lost'] as const)('ends at once for %s', async (why) => {
    let listed = 0;
    const counting = function* (): Generator<ScannedEntry> {
      for (const entry of photos(100)) {
        listed += 1;
        yield entry;
      }
    };
    await expect(plan(counting(), () => (listed >= 10 ? why : null))).rejects.toMatchObject({ why });
    expect(listed).toBe(10);
  });

  test('holds no list of files: all of them lie in the store', async () => {
    const store = memoryPlan();
    const planned = await plan(photos(500), () => null, true, store);
    for (const [key, value] of Object.entries(planned))
      expect(Array.isArray(value) && !['ignored', 'manifests'].includes(key)).toBe(false);
    expect([...planned.groups()]).toHaveLength(500);
    store.addGroups([{ members: [{ ...first(planned), index: 500 }] }]);
    expect([...planned.groups()]).toHaveLength(501);
  });

  test('finds a file of it by name', async () => {
    const planned = await plan(photos(3));
    expect(planned.find({ path: relativePath('DCIM/IMG_2.JPG') })).toMatchObject({ index: 2, mtimeMs: 2 });
    expect(planned.find({ path: relativePath('DCIM/IMG_3.JPG') })).toBeNull();
  });

  test('gives its scratch back when it is closed, and when it comes to nothing', async () => {
    let closed = 0;
    const close = () => {
      closed += 1;
    };
    const store = () => altered(memoryPlan(), { close });
    (await plan(photos(1), () => null, true, store())).close();
    expect(closed).toBe(1);
    await expect(plan(photos(1), () => 'shutdown', true, store())).rejects.toThrow();
    await expect(plan(photos(1), () => null, false, store())).rejects.toThrow();
    expect(closed).toBe(3);
  });

  test.each([
    ['gone', { name: 'Stopped', why: 'card-removed' }],
    ['unreadable', { name: 'FileProblem', reason: 'card-unreadable' }],
  ] as const)('is none when its root is %s', async (code, error) => {
    const failing = (function* (): Generator<ScannedEntry> {
      yield* photos(1);
      throw new CardError(code, 'EIO');
    })();
    await expect(plan(failing)).rejects.toMatchObject(error);
  });

  test('numbers what could not be listed behind the files, however many there are', async () => {
    const many = function* (): Generator<ScannedEntry> {
      for (let n = 0; n < 300; n += 1) {
        yield { kind: 'unreadable', path: relativePath(`DIR_${n}`), detail: 'EIO', pathBase64: 'YQ==' };
        yield* photos(1);
      }
    };
    const { files, unreadable } = await plan(many());
    expect(files).toBe(600);
    expect([...unreadable()].map(({ index }) => index)).toEqual(
      Array.from({ length: 300 }, (_, n) => 300 + n),
    );
    expect([...unreadable()][0]?.outcome).toMatchObject({ path: 'DIR_0', pathBase64: 'YQ==' });
  });
});

function first(planned: CardPlan): PlannedFile {
  for (const { members } of planned.groups()) for (const file of members) return file;
  throw new Error('empty');
}
