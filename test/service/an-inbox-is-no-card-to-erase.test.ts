import { expect, test } from 'vitest';
import { verdictOf } from '../../adapters/web/live/verdict.ts';
import { driveId, inboxCardId } from '../../machines/ids.ts';
import { statusText } from '../../services/status-text.ts';
import { cardOf, lightOf, statusOf } from '../web/given.ts';

/** Lies on the drive with the library: whoever formats what it is called after loses everything. */
const INBOX = cardOf({
  id: inboxCardId(driveId('drive-1')),
  label: 'inbox of SSD-A',
  path: '/media/SSD-A',
});
const GREEN = statusOf('ready', { cards: [INBOX] });

test('nobody is told that the inbox of a drive is safe to erase', () => {
  expect(statusText(GREEN)).not.toContain('erase: inbox of SSD-A');
});

test('where only an inbox is shown the page speaks of no card that may be erased', () => {
  const now = { wallMs: 1000, monoMs: 1000 };
  const feed = { connected: true, light: lightOf('ready'), status: GREEN, statusIsNew: true, heardAt: now };
  expect(verdictOf(feed, now)).toBe('empty');
});
