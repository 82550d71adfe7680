import { expect, test } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import type { Reason } from '../../machines/reasons.ts';
import { FailingDrives } from '../../services/check/failing-drives.ts';
import { drive } from '../machines/story.ts';

const D = drive('D');
const failed = (reason: Reason): Fact => ({ type: 'DriveFailed', driveId: D.id, reason, detail: '' });
const after = (...facts: readonly Fact[]): boolean => {
  const failing = new FailingDrives();
  for (const fact of facts) failing.apply(fact);
  return failing.has(D.id);
};
const attached: Fact = { type: 'DriveAttached', drive: D };

test.each<Reason>([
  'drive-failing',
  'drive-not-writable',
  'drive-id-clash',
])('a drive that ended with %s is doubted until it is attached again, also while it is away', (reason) => {
  expect(after(attached)).toBe(false);
  expect(after(attached, failed(reason))).toBe(true);
  expect(after(failed(reason), { type: 'DriveDetached', driveId: D.id })).toBe(true);
  expect(after(failed(reason), { type: 'DriveAttached', drive: drive('E') })).toBe(true);
  expect(after(failed(reason), attached)).toBe(false);
  // As a locked drive arrives.
  expect(after(attached, failed(reason), attached, failed(reason))).toBe(true);
});

test('one that was pulled in mid copy keeps what was verified before', () => {
  expect(after(attached, failed('drive-lost'))).toBe(false);
});
