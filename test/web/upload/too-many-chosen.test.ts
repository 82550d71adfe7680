import { expect, test } from 'vitest';
import { type Happened, MAX_ITEMS, type Queue, step } from '../../../adapters/web/upload/queue.ts';
import { totalOf } from '../../../adapters/web/upload/sums.ts';

test('files beyond the most that are taken at once are told, not left out of “5000 of 5000 uploaded”', () => {
  const items = Array.from({ length: MAX_ITEMS + 1000 }, (_, at) => ({
    id: `${at}`,
    name: `IMG_${at}.JPG`,
    sizeBytes: 1,
  }));
  const all: Happened[] = [
    { type: 'added', items },
    ...items.map(({ id }): Happened => ({ type: 'uploaded', id })).slice(0, 3),
  ];
  const total = totalOf(all.reduce(step, [] as Queue));
  expect(total.files + total.refused).toBeGreaterThan(MAX_ITEMS);
});
