import { describe, expect, test } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import {
  backupFailed,
  cardAttached,
  copying,
  daemonStarted,
  devicesKnown,
  drive,
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

  test('three short presses while ready open the pairing, once, and adopt nothing', () => {
    const story = ready().tell(...press, ...press);
    expect(story.names()).not.toContain('pairing.open');
    story.tell(...press);
    expect(story.names()).toContain('pairing.open');
    expect(story.names()).not.toContain('drive.adoptCandidate');
    expect(story.signal).toBe('ready');
    expect(story.tell(...press).names()).not.toContain('pairing.open');
  });

  test('three short presses over a longer time open nothing', () => {
    const story = ready().tell(...press, ...press, timerElapsed('pressWindow'));
    expect(story.tell(...press).names()).not.toContain('pairing.open');
  });

  test('with a green card the first press backs it up again, and the third opens the pairing all the same', () => {
    const story = finished(copying()).tell(...press);
    expect(story.signal).toBe('copying');
    expect(story.tell(...press, ...press).names()).toContain('pairing.open');
    expect(story.signal).toBe('copying');
  });

  test.each([
    ['waiting', () => given(daemonStarted(), devicesKnown())],
    ['booting', () => given(daemonStarted())],
    ['copying', () => copying()],
    ['attention', () => ready().tell(cardAttached('A', 'manual'))],
    ['attention', () => ready().tell({ type: 'DeviceAnnounced', device: 'sdb' })],
    ['error', () => ready().tell({ type: 'InternalErrorOccurred', reason: 'internal', detail: '' })],
    ['shutting-down', () => copying().tell({ type: 'ShutdownRequested', action: 'stop' })],
  ])('three short presses that began while %s open nothing', (signal, make) => {
    const story = make();
    expect(story.signal).toBe(signal);
    expect(story.tell(...press, ...press, ...press).names()).not.toContain('pairing.open');
  });

  test('an error that comes between the presses is acknowledged, and nothing is opened', () => {
    const story = ready().tell(...press, ...press);
    story.tell({ type: 'InternalErrorOccurred', reason: 'internal', detail: '' }, ...press);
    expect(story.names()).not.toContain('pairing.open');
    expect(story.signal).toBe('ready');
  });

  test('a restart forgets the presses', () => {
    const story = ready().tell(...press, ...press, daemonStarted(), devicesKnown());
    story.tell({ type: 'DriveAttached', drive: drive('D') }, ...press);
    expect(story.names()).not.toContain('pairing.open');
  });

  test('a restart forgets a finger on the button', () => {
    const story = ready().tell({ type: 'ButtonPressed' }, daemonStarted(), devicesKnown());
    expect(story.tell(timerElapsed('holdDelay')).signal).toBe('waiting');
  });
});
