import { expect, test } from 'vitest';
import type { RelativePath } from '../../machines/ids.ts';
import { offeredCards } from '../../services/inbox/offered-cards.ts';
import type { CardReader, ScannedEntry } from '../../services/media-ports.ts';

const file = (path: string, sizeBytes = 3, mtimeMs = 1000) => ({
  path: path as RelativePath,
  sizeBytes,
  mtimeMs,
  mark: path,
});
const INBOX = '/drive/inbox';

const seenOf = async (entries: readonly ScannedEntry[], root = INBOX): Promise<readonly string[]> => {
  const cards = {
    async *scan() {
      yield* entries;
    },
  } as unknown as CardReader;
  const seen: string[] = [];
  for await (const { path } of offeredCards(cards, INBOX, [file('a.jpg')]).scan(root)) seen.push(path);
  return seen;
};
const scanned = (...args: Parameters<typeof file>): ScannedEntry => ({ kind: 'file', ...file(...args) });

test('a file of the offer is there as long as it has its size and its time', async () => {
  expect(await seenOf([scanned('a.jpg')])).toEqual(['a.jpg']);
  expect(await seenOf([scanned('a.jpg', 4)])).toEqual([]);
  expect(await seenOf([scanned('a.jpg', 3, 1000.5)])).toEqual([]);
});

test('other files are not there', async () => {
  expect(
    await seenOf([scanned('b.jpg'), { ...scanned('a.jpg'), pathBase64: 'YQ==' } as ScannedEntry]),
  ).toEqual([]);
});

test('what could not be listed is told, except for hidden workshops', async () => {
  const closed = (path: string): ScannedEntry => ({
    kind: 'unreadable',
    path: path as RelativePath,
    detail: 'EACCES',
  });
  expect(await seenOf([closed('theirs'), closed('.recycle'), closed('x/.tus')])).toEqual(['theirs']);
});

test('another root is read as it is', async () => {
  expect(await seenOf([scanned('b.jpg')], '/media/card')).toEqual(['b.jpg']);
});
