import { expect, test } from 'vitest';
import { type Happened, MAX_ITEMS, type Queue, step } from '../../../adapters/web/upload/queue.ts';

test('who has uploaded five thousand and chooses one more sees that one wait', () => {
  const items = Array.from({ length: MAX_ITEMS }, (_, at) => ({
    id: `${at}`,
    name: `IMG_${at}.JPG`,
    sizeBytes: 1,
  }));
  const added = step([] as Queue, { type: 'added', items });
  const uploaded = added.map((item) => ({ ...item, state: { kind: 'uploaded' as const } }));
  const more: Happened = { type: 'added', items: [{ id: 'new', name: 'NEW.JPG', sizeBytes: 1 }] };
  expect(step(uploaded, more).map(({ id }) => id)).toContain('new');
});
