import { beforeEach, describe, expect, it } from 'vitest';
import { memoryStore } from '../../adapters/memory/memory-store.ts';
import type { Fact } from '../../machines/facts.ts';
import { driveId, relativePath } from '../../machines/ids.ts';
import { alteredBefore } from '../../services/check/altered-before.ts';
import type { Store } from '../../services/ports.ts';
import { adopted, file, settled, stamped } from '../journal/facts.ts';

const TO = 'Photos/2026/2026-11-21/IMG_1.JPG';
const D = driveId('D');
const PHOTO = file(TO, { content: 'a' });

let store: Store;
let second = 0;
beforeEach(async () => {
  store = memoryStore();
  second = 0;
  await given(adopted('D'), settled('b1', { copied: [PHOTO, file('Photos/other', { content: 'b' })] }));
});

async function given(...facts: readonly Fact[]): Promise<void> {
  await store.log.append(stamped(facts, second));
  second += facts.length;
}
const lost = (why: 'altered' | 'missing', ...paths: readonly string[]): Fact => ({
  type: 'CopiesLost',
  backupId: null,
  driveId: D,
  files: paths.map((to) => ({ to: relativePath(to), why })),
});
const places = (content = PHOTO, limit?: number) => alteredBefore(store, limit)(content);

describe('where a content was found altered', () => {
  it('is told from the last record that knows of it', async () => {
    expect(places()).toEqual([]);
    await given(lost('altered', 'Photos/other', TO));
    expect(places()).toEqual([{ driveId: D, to: TO }]);
  });

  it('is not where it was found missing', async () => {
    await given(lost('missing', TO));
    expect(places()).toEqual([]);
  });

  it('is not what another content lost', async () => {
    await given(lost('altered', 'Photos/other'));
    expect(places()).toEqual([]);
  });

  it('is nowhere once it was copied again', async () => {
    await given(lost('altered', TO));
    await given(settled('b2', { copied: [file('Photos/IMG_1_2.JPG', { content: 'a' })] }));
    expect(places()).toEqual([]);
  });

  it('is known of what was found by its manifest, too', async () => {
    const { xxh64, sizeBytes } = file('x', { content: 'c' });
    const there = { to: relativePath('Old/c.jpg'), xxh64, sizeBytes };
    await given({ type: 'DriveContentLearned', driveId: D, files: [there] }, lost('altered', 'Old/c.jpg'));
    expect(alteredBefore(store)({ xxh64, sizeBytes })).toEqual([{ driveId: D, to: 'Old/c.jpg' }]);
  });

  it('is nowhere for what no record tells of', () => {
    expect(alteredBefore(store)({ xxh64: '0123456789abcdef', sizeBytes: 7 })).toEqual([]);
  });
});

it('is looked up for so many contents and no more', async () => {
  await given(lost('altered', TO));
  const ask = alteredBefore(store, 2);
  expect([ask(PHOTO), ask(PHOTO), ask(PHOTO)].map(({ length }) => length)).toEqual([1, 1, 0]);
});
