import { expect, test } from 'vitest';
import { type Checking, groundsOf, isOld } from '../../adapters/web/now/checks.ts';
import type { Status } from '../../services/shapes.ts';
import { controlKit } from '../control/kit.ts';
import { card, drive } from '../machines/story.ts';
import { flush } from '../runtime/kit.ts';

const yes = (status: Status, cardId: string): Checking => ({
  type: 'ended',
  at: '2026-11-21T14:05:00Z',
  seen: groundsOf(status, cardId),
  result: {
    safe: true,
    files: 1,
    verified: 1,
    copies: { asked: 'all', required: 1, lookedAt: 1, onRecord: 0 },
    drives: [],
    missing: [],
    gaps: [],
  },
});

test('a yes is of the past when the card was in the camera while the phone slept', async () => {
  const kit = controlKit();
  await kit.started();
  kit.devices.plug(drive('D'));
  const one = card('A');
  kit.devices.insert(one, 'manual');
  await flush();
  const before = await kit.control.status();
  const checking = yes(before, one.id);
  expect(isOld(checking, before, one.id, true)).toBe(false);
  // The page hears nothing of this: it is hidden, and has hung up.
  kit.devices.pull(one.id);
  await flush();
  kit.devices.insert(one, 'manual');
  await flush();
  expect(isOld(checking, await kit.control.status(), one.id, true)).toBe(true);
});
