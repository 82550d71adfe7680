import { describe, expect, test } from 'vitest';
import { type Feed, hear, NOTHING_HEARD } from '../../adapters/web/live/feed.ts';
import { verdictOf } from '../../adapters/web/live/verdict.ts';
import { driveId, inboxCardId } from '../../machines/ids.ts';
import { LED_SIGNALS, type LedSignal } from '../../machines/signals.ts';
import type { Status } from '../../services/shapes.ts';
import { backupOf, cardOf, lightOf, statusOf } from './given.ts';

const INBOX = cardOf({ id: inboxCardId(driveId('drive-1')) });
const NOW = { wallMs: 1_000_000, monoMs: 1000 };

function given(light: LedSignal, status: LedSignal, parts: Partial<Status> = {}): Feed {
  const opened = hear(NOTHING_HEARD, { type: 'opened' }, NOW);
  const lit = hear(opened, { type: 'light', light: lightOf(light) }, NOW);
  return hear(lit, { type: 'status', status: statusOf(status, parts) }, NOW);
}

describe('safe to erase the cards', () => {
  test('is said when light and status are green and the attached card is backed up', () => {
    expect(verdictOf(given('ready', 'ready'), NOW)).toBe('safe');
  });

  test('is not said of nothing: without a card it is only ready for one', () => {
    expect(verdictOf(given('ready', 'ready', { cards: [] }), NOW)).toBe('empty');
  });

  test('is not said of uploads: there is no card that could be erased', () => {
    expect(verdictOf(given('ready', 'ready', { cards: [INBOX] }), NOW)).toBe('empty');
    expect(verdictOf(given('ready', 'ready', { cards: [INBOX, cardOf({})] }), NOW)).toBe('safe');
  });

  test('is said in one of all 81 pairs of light and status', () => {
    const safe = LED_SIGNALS.flatMap((light) =>
      LED_SIGNALS.filter((status) => verdictOf(given(light, status), NOW) === 'safe').map((status) => [
        light,
        status,
      ]),
    );
    expect(safe).toEqual([['ready', 'ready']]);
  });

  test.each(
    LED_SIGNALS.filter((signal) => signal !== 'ready'),
  )('light %s is told at once, before the status has caught up', (signal) => {
    expect(verdictOf(given(signal, 'ready'), NOW)).toBe(signal);
  });

  test.each(
    LED_SIGNALS.filter((signal) => signal !== 'ready'),
  )('status %s is told when it comes after a green light', (signal) => {
    expect(verdictOf(given('ready', signal), NOW)).toBe(signal);
  });

  test('is not said when one of the cards is not backed up', () => {
    const cards = [cardOf({}), cardOf({ id: 'card-2', backedUp: false })];
    expect(verdictOf(given('ready', 'ready', { cards }), NOW)).toBe('attention');
  });

  test('is not said while a backup runs', () => {
    expect(verdictOf(given('ready', 'ready', { backups: [backupOf({})] }), NOW)).toBe('attention');
    const ended = backupOf({ outcome: 'done' });
    expect(verdictOf(given('ready', 'ready', { backups: [ended] }), NOW)).toBe('safe');
  });

  test('is not said when the green LED is not steadily lit', () => {
    const dark = { ...lightOf('ready').leds, green: 'blink 200/200' };
    const feed = given('ready', 'ready', { leds: dark });
    expect(verdictOf(feed, NOW)).toBe('attention');
    const green = given('ready', 'ready');
    const darkLight = { type: 'light', light: { ...lightOf('ready'), leds: dark } } as const;
    expect(verdictOf(hear(green, darkLight, NOW), NOW)).toBe('attention');
  });
});

describe('nothing is known', () => {
  test('before the first word', () => {
    expect(verdictOf(NOTHING_HEARD, NOW)).toBe('unknown');
  });

  test('after 8 s of silence, however green it was', () => {
    const later = { wallMs: NOW.wallMs + 8001, monoMs: NOW.monoMs + 8001 };
    expect(verdictOf(given('ready', 'ready'), later)).toBe('unknown');
  });

  test('when the connection is lost, and until both light and status have come over the next one', () => {
    const lost = hear(given('ready', 'ready'), { type: 'closed' }, NOW);
    const back = hear(lost, { type: 'opened' }, NOW);
    const lit = hear(back, { type: 'light', light: lightOf('ready') }, NOW);
    expect([lost, back, lit].map((feed) => verdictOf(feed, NOW))).toEqual(['unknown', 'unknown', 'unknown']);
  });
});

describe('uploads that are not backed up yet', () => {
  const waiting = { ...INBOX, backedUp: false };

  test.each<[LedSignal, LedSignal]>([
    ['attention', 'attention'],
    ['ready', 'attention'],
    ['attention', 'ready'],
    ['ready', 'ready'],
  ])('are no card: light %s, status %s', (light, status) => {
    expect(verdictOf(given(light, status, { cards: [waiting, cardOf({})] }), NOW)).toBe('uploads');
  });

  test('go behind a card that is not backed up either', () => {
    const cards = [waiting, cardOf({ backedUp: false })];
    expect(verdictOf(given('attention', 'attention', { cards }), NOW)).toBe('attention');
  });

  test('hide no error', () => {
    expect(verdictOf(given('error', 'error', { cards: [waiting] }), NOW)).toBe('error');
  });
});
