import { describe, expect, test } from 'vitest';
import { codeOf, contextOf } from '../../machines/decide.ts';
import type { FactOf } from '../../machines/facts.ts';
import {
  backupFailed,
  backupFinished,
  backupInterrupted,
  backupRequested,
  card,
  cardAttached,
  cardDetached,
  copying,
  daemonStarted,
  devicesKnown,
  drive,
  driveAttached,
  driveDetached,
  finished,
  given,
  power,
  ready,
  type Story,
  timerElapsed,
} from './story.ts';

const errorsOf = (story: Story) =>
  contextOf(story.state).errors.map(({ reason, subject }) => [reason, subject]);
/** Power went in mid copy and the backup has stopped. */
const cut = (story = copying()) => {
  const id = story.backupOf('A');
  return story.tell(power('bad'), backupInterrupted(id, 'A', 'weak-power'));
};

describe('weak power in mid copy', () => {
  test('stops every running backup at the next block, error 8 at once', () => {
    const story = copying().tell(cardAttached('B'), timerElapsed('settleDelay'));
    const ids = [story.backupOf('A'), story.backupOf('B')];
    story.tell(power('bad'));
    expect(story.commands).toEqual(
      ids.map((backupId) => ({ type: 'backup.stop', backupId, why: 'weak-power' })),
    );
    expect(story.light).toEqual({ signal: 'error', code: 8, activity: 'copying' });
    expect(errorsOf(story)).toEqual([
      ['weak-power', 'A'],
      ['weak-power', 'B'],
    ]);
    expect(contextOf(story.state).errors[0]).toMatchObject({
      cardId: card('A').id,
      detail: 'under-voltage now',
    });
  });

  test('the card is not protected, and nothing starts while power is weak', () => {
    const story = cut();
    expect(story.names()).toEqual([]);
    expect(story.light).toEqual({ signal: 'error', code: 8, activity: null });
    expect(contextOf(story.state).cards[0]?.standing).toBe('unprotected');
    story.tell(backupRequested('A'), cardAttached('B'), timerElapsed('settleDelay'));
    expect(story.names()).toEqual([]);
    expect(contextOf(story.state).queue).toHaveLength(2);
    expect(errorsOf(story)).toContainEqual(['weak-power', 'B']);
  });

  test('goes on by itself when power is good again; the error stays until that card succeeds', () => {
    const story = cut().tell(power('good'));
    expect(story.commands).toEqual([
      expect.objectContaining({ type: 'backup.start', card: card('A'), driveIds: [drive('D').id] }),
    ]);
    expect(story.light).toEqual({ signal: 'error', code: 8, activity: 'copying' });
    expect(finished(story).signal).toBe('ready');
    expect(contextOf(story.state).unfinished).toEqual([]);
  });

  test('a dip that is over is good enough', () => {
    expect(cut().tell(power('warning')).names()).toEqual(['backup.start']);
  });

  test('goes on at once when power came back before the backup had stopped', () => {
    const story = copying();
    const id = story.backupOf('A');
    expect(story.tell(power('bad'), power('good')).names()).toEqual([]);
    expect(story.tell(backupInterrupted(id, 'A', 'weak-power')).names()).toEqual(['backup.start']);
    expect(story.backupOf('A')).not.toBe(id);
  });

  test('goes on as it was asked for: only that drive, as much as fits', () => {
    const story = ready().tell(driveAttached('E'), cardAttached('A', 'manual'), timerElapsed('settleDelay'));
    story.tell(backupRequested('A', { driveId: drive('E').id, fit: true }));
    expect(cut(story).tell(power('good')).commands).toEqual([
      expect.objectContaining({ type: 'backup.start', driveIds: [drive('E').id], fit: true }),
    ]);
  });

  test('a card that waits for power and is pulled goes on when it is back', () => {
    const story = cut().tell(cardDetached('A'));
    expect(story.tell(power('good')).names()).toEqual([]);
    expect(story.light.code).toBe(8);
    story.tell(cardAttached('A', 'manual'), timerElapsed('settleDelay'));
    expect(story.names()).toEqual(['backup.start']);
    expect(finished(story).signal).toBe('ready');
  });

  test('a card that was pulled and put back before the backup had stopped is queued once', () => {
    const story = copying();
    const id = story.backupOf('A');
    story.tell(power('bad'), cardDetached('A'), cardAttached('A'), backupInterrupted(id, 'A', 'weak-power'));
    expect(contextOf(story.state).queue).toEqual([]);
    story.tell(timerElapsed('settleDelay'));
    expect(contextOf(story.state).queue).toHaveLength(1);
    expect(story.tell(power('good')).names()).toEqual(['backup.start']);
  });

  test('a backup that came to its end all the same protects its card, and green waits for power', () => {
    const story = copying();
    story.tell(power('bad'), backupFinished(story.backupOf('A'), 'A'));
    expect(story.signal).toBe('attention');
    expect(story.tell(power('warning')).signal).toBe('ready');
  });

  test('a card that was put back and waits is told although its earlier backup came to its end', () => {
    const story = copying();
    const id = story.backupOf('A');
    story.tell(cardDetached('A'), cardAttached('A'), timerElapsed('settleDelay'), power('bad'));
    expect(story.tell(backupFinished(id, 'A')).light.code).toBe(8);
  });

  test('takes the drive along: error 7, and the backup starts when drive and power are back', () => {
    const story = copying();
    const id = story.backupOf('A');
    story.tell(power('bad'), driveDetached('D'), backupFailed(id, 'A', 'drive-lost'));
    expect(story.light.code).toBe(7);
    expect(story.tell(driveAttached('D')).names()).toEqual([]);
    expect(story.light.code).toBe(8);
    expect(story.tell(power('good')).names()).toEqual(['backup.start']);
  });

  test('without a drive that is the error to show: power alone starts nothing', () => {
    const story = cut().tell(driveDetached('D'), cardAttached('B'), timerElapsed('settleDelay'));
    expect(story.light.code).toBe(2);
    expect(story.tell(power('good')).names()).toEqual([]);
    expect(story.tell(driveAttached('D')).names()).toEqual(['backup.start', 'backup.start']);
  });
});

describe('weak power while nothing runs', () => {
  test('is error 8 until it is acknowledged, and never green while it lasts', () => {
    const story = ready().tell(power('bad'));
    expect(story.light).toEqual({ signal: 'error', code: 8, activity: null });
    expect(errorsOf(story)).toEqual([['weak-power', 'power supply']]);
    expect(story.tell({ type: 'Acknowledged' }).signal).toBe('attention');
    expect(story.tell(power('good')).signal).toBe('ready');
  });

  test('an error that nobody acknowledged outlives it', () => {
    expect(ready().tell(power('bad'), power('good')).light.code).toBe(8);
  });

  test('comes back as an error when it comes back', () => {
    const story = ready().tell(power('bad'), { type: 'Acknowledged' }, power('good'), power('bad'));
    expect(story.light.code).toBe(8);
  });

  test('one that was acknowledged is an error again for the next card', () => {
    const story = ready().tell(power('bad'), { type: 'Acknowledged' }, cardAttached('A'));
    expect(story.tell(timerElapsed('settleDelay')).light.code).toBe(8);
    expect(story.tell({ type: 'Acknowledged' }).signal).toBe('attention');
    expect(story.tell(power('good')).names()).toEqual(['backup.start']);
  });

  test('without a drive is attention, not waiting: no drive is adopted by three presses', () => {
    const story = given(daemonStarted(), devicesKnown(), power('bad'), { type: 'Acknowledged' });
    expect(story.signal).toBe('attention');
    const press = [{ type: 'ButtonPressed' }, { type: 'ButtonReleased' }] as const;
    expect(story.tell(...press, ...press, ...press).names()).not.toContain('drive.adoptCandidate');
  });

  test('while booting: the cards wait and the light says why', () => {
    const story = given(daemonStarted(), power('bad'), driveAttached('D'), cardAttached('A'));
    expect(story.signal).toBe('booting');
    story.tell(timerElapsed('settleDelay'), devicesKnown());
    expect(story.names()).toEqual([]);
    expect(story.light.code).toBe(8);
    expect(story.tell(power('good')).names()).toEqual(['backup.start']);
  });
});

describe('weak power and the end', () => {
  test('a shutdown works while power is weak', () => {
    const story = copying();
    const id = story.backupOf('A');
    story.tell(power('bad'), { type: 'ShutdownRequested', action: 'poweroff' });
    expect(story.signal).toBe('shutting-down');
    expect(story.tell(backupInterrupted(id, 'A', 'weak-power')).names()).toContain('drives.release');
    expect(story.tell(power('good')).names()).toEqual([]);
    expect(story.tell({ type: 'DrivesReleased' }).commands).toEqual([
      { type: 'power.end', action: 'poweroff' },
    ]);
  });

  test('a restart forgets weak power, not the error nor the backup that it stopped', () => {
    const story = cut().tell(daemonStarted());
    expect(contextOf(story.state).weakPower).toBe(false);
    story.tell(driveAttached('D'), cardAttached('A', 'manual'), devicesKnown(), timerElapsed('settleDelay'));
    expect(story.names()).toEqual(['backup.start']);
    expect(codeOf(story.state)).toBe(8);
    expect(finished(story).signal).toBe('ready');
  });
});

describe('the rest of health', () => {
  const CHECKS: readonly FactOf<'HealthChanged'>['check'][] = [
    'temperature',
    'throttling',
    'memory',
    'state-disk',
    'disk',
  ];
  test.each(CHECKS)('%s never changes the lights nor stops a backup', (check) => {
    const bad = { ...power('bad'), check };
    expect(ready().tell(bad).signal).toBe('ready');
    const story = copying().tell(bad);
    expect(story.names()).toEqual([]);
    expect(story.signal).toBe('copying');
    expect(contextOf(copying().tell(power('bad'), { ...bad, level: 'good' }).state).weakPower).toBe(true);
  });
});

test('what was wrong with a refused device or drive is told in its own words', () => {
  const story = ready().tell(
    { type: 'CardRefused', device: 'sdz1', reason: 'mount-failed', detail: 'unknown file system' },
    {
      type: 'DriveFailed',
      driveId: drive('D').id,
      reason: 'drive-not-writable',
      detail: 'fsck.ext4 /dev/sda1',
    },
  );
  expect(contextOf(story.state).errors.map(({ detail }) => detail)).toEqual([
    'unknown file system',
    'fsck.ext4 /dev/sda1',
  ]);
});
