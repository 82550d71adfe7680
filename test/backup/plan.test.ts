import { describe, expect, test } from 'vitest';
import { memoryPlan } from '../../adapters/memory/memory-plan.ts';
import { relativePath } from '../../machines/ids.ts';
import type { StopWhy } from '../../services/backup/job.ts';
import { planCard } from '../../services/backup/plan.ts';
import { Source } from '../../services/backup/source.ts';
import type { CardReader, ScannedEntry } from '../../services/ports.ts';

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
      hash: null,
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
});
