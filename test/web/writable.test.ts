import { expect, test } from 'vitest';
import { isWritable, mountedWritable } from '../../adapters/web/now/writable.ts';
import { driveId, inboxCardId } from '../../machines/ids.ts';
import { cardOf } from './given.ts';

test('a card that somebody else mounted writable is told beside it and before the green', () => {
  const card = cardOf({ readOnly: false });
  expect(isWritable(card)).toBe(true);
  expect(mountedWritable([cardOf({}), card])).toEqual([card]);
});

test('a card that nobody can write to needs no word', () => {
  expect(isWritable(cardOf({}))).toBe(false);
});

test('an inbox is there to be written to', () => {
  const inbox = cardOf({ id: inboxCardId(driveId('drive-1')), readOnly: false });
  expect(isWritable(inbox)).toBe(false);
  expect(mountedWritable([inbox])).toEqual([]);
});

test('of a folder it stands beside it alone', () => {
  const folder = cardOf({ id: '/home/pi/photos', readOnly: false });
  expect(isWritable(folder)).toBe(true);
  expect(mountedWritable([folder])).toEqual([]);
});
