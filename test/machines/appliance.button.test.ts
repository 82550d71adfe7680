import { describe, expect, test } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import {
  backupFailed,
  cardAttached,
  copying,
  daemonStarted,
  devicesKnown,
  finished,
  given,
  ready,
  timerElapsed,
} from './story.ts';

const press: readonly Fact[] = [{ type: 'ButtonPressed' }, { type: 'ButtonReleased' }];

describe('the button', () => {
  test('held over 2 s shuts down', () => {
    const story = ready().tell({ type: 'ButtonPressed' });
    expect(story.commands).toEqual([{ type: 'timer.arm', timer: 'holdDelay', delayMs: 2000 }]);
    story.tell(timerElapsed('holdDelay'));
    expect(story.signal).toBe('shutting-down');
    story.tell({ type: 'ButtonReleased' }, { type: 'DrivesReleased' });
    expect(story.commands).toEqual([{ type: 'power.end', action: 'poweroff' }]);
  });

  test('released before 2 s does not, and a late timer is ignored', () => {
    const story = ready().tell(...press);
    expect(story.tell(timerElapsed('holdDelay')).signal).toBe('ready');
  });

  test('one short press acknowledges', () => {
    const story = copying();
    story.tell(backupFailed(story.backupOf('A'), 'A', 'card-unreadable'), ...press);
    expect(story.signal).toBe('attention');
  });

  test('one short press backs up all attached cards when nothing is latched', () => {
    const story = ready().tell(
      cardAttached('A', 'manual'),
      cardAttached('B', 'manual'),
      timerElapsed('settleDelay'),
    );
    story.tell(...press);
    expect(story.names().filter((name) => name === 'backup.start')).toHaveLength(2);
    expect(story.backupOf('A')).not.toBe(story.backupOf('B'));
    expect(story.tell(...press).names()).not.toContain('backup.start');
  });

  test('a press backs a green card up once more, and green is off meanwhile', () => {
    const story = finished(copying());
    expect(story.tell(...press).signal).toBe('copying');
  });

  test('three short presses within 2 s without a drive adopt the waiting one', () => {
    const story = given(daemonStarted(), devicesKnown(), ...press, ...press);
    expect(story.names()).not.toContain('drive.adoptCandidate');
    expect(story.tell(...press).names()).toContain('drive.adoptCandidate');
    expect(story.tell(...press).names()).not.toContain('drive.adoptCandidate');
  });

  test('three short presses over a longer time do not', () => {
    const story = given(daemonStarted(), devicesKnown(), ...press, ...press, timerElapsed('pressWindow'));
    expect(story.tell(...press).names()).not.toContain('drive.adoptCandidate');
  });

  test('three short presses with a drive do not', () => {
    expect(
      ready()
        .tell(...press, ...press, ...press)
        .names(),
    ).not.toContain('drive.adoptCandidate');
  });

  test('a restart forgets a finger on the button', () => {
    const story = ready().tell({ type: 'ButtonPressed' }, daemonStarted(), devicesKnown());
    expect(story.tell(timerElapsed('holdDelay')).signal).toBe('waiting');
  });
});
