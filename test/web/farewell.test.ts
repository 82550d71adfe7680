import { describe, expect, test } from 'vitest';
import { type Farewell, farewellAfter, leavingWords } from '../../adapters/web/power/farewell.ts';
import type { LedSignal } from '../../machines/signals.ts';

const given = (action: Farewell['action'], stage: Farewell['stage']): Farewell => ({ action, stage });
const heardAfter = (before: Farewell | null, ...signals: readonly (LedSignal | null)[]) =>
  signals.reduce((last, signal) => farewellAfter(last, signal, null), before);

describe('a box that is switched off', () => {
  test('ends, is off, and stays off when it is no longer heard', () => {
    const asked = given('poweroff', 'asked');
    expect(heardAfter(asked, 'ready')).toEqual(asked);
    expect(heardAfter(asked, 'shutting-down')).toEqual(given('poweroff', 'ending'));
    expect(heardAfter(asked, 'shutting-down', 'off', null)).toEqual(given('poweroff', 'off'));
  });

  test('that goes silent before it said so is gone, not off', () => {
    expect(heardAfter(given('poweroff', 'asked'), 'shutting-down', null)).toEqual(given('poweroff', 'gone'));
    expect(heardAfter(given('poweroff', 'asked'), null)).toEqual(given('poweroff', 'gone'));
  });

  test('by its button is seen as well', () => {
    const heard = farewellAfter(null, 'shutting-down', 'poweroff');
    expect(heard).toEqual(given('poweroff', 'ending'));
    expect(farewellAfter(heard, 'off', 'poweroff')).toEqual(given('poweroff', 'off'));
  });

  test('is not said to be before its status says so: the program alone may end', () => {
    expect(heardAfter(null, 'ready', 'shutting-down')).toEqual(given('stop', 'ending'));
    expect(heardAfter(null, 'off', null)).toEqual(given('stop', 'off'));
    expect(farewellAfter(given('stop', 'ending'), 'off', 'poweroff')).toEqual(given('poweroff', 'off'));
  });
});

describe('a box that restarts', () => {
  test('is followed until it is back', () => {
    const gone = heardAfter(given('reboot', 'asked'), 'shutting-down', 'off', null);
    expect(gone).toEqual(given('reboot', 'off'));
    expect(heardAfter(gone, 'booting')).toBeNull();
    expect(leavingWords(given('reboot', 'ending'))).toBe('ending');
    expect(leavingWords(given('reboot', 'off'))).toBe('again');
  });
});

describe('a program that starts again on a box that stays on', () => {
  test('is never said to switch the box off, nor that it may be unplugged', () => {
    for (const stage of ['asked', 'ending', 'off', 'gone'] as const) {
      expect(leavingWords(given('restart', stage))).toBe('restart');
    }
    expect(leavingWords(given('poweroff', 'off'))).toBe('off');
    expect(leavingWords(given('poweroff', 'gone'))).toBe('gone');
    expect(leavingWords(given('poweroff', 'asked'))).toBe('ending');
  });

  test('is followed until it is back', () => {
    const off = heardAfter(given('restart', 'asked'), 'ready', 'shutting-down', 'off', null);
    expect(off).toEqual(given('restart', 'off'));
    expect(heardAfter(off, 'ready')).toBeNull();
  });
});

describe('a program that was stopped by somebody else', () => {
  test('is not said to switch the box off', () => {
    expect(farewellAfter(null, 'shutting-down', 'stop')).toEqual(given('stop', 'ending'));
    expect(farewellAfter(given('stop', 'ending'), null, 'stop')).toEqual(given('stop', 'gone'));
    for (const stage of ['ending', 'off', 'gone'] as const) {
      expect(leavingWords(given('stop', stage))).toBe('stop');
    }
  });

  test('restarts the box, by another phone', () => {
    expect(farewellAfter(null, 'shutting-down', 'reboot')).toEqual(given('reboot', 'ending'));
  });

  test('is a restart for the phone that asked for one', () => {
    const restart = given('restart', 'asked');
    expect(farewellAfter(restart, 'shutting-down', 'stop')).toEqual(given('restart', 'ending'));
  });
});

describe('a box that stays', () => {
  test('is not said to leave, also when it is not heard', () => {
    expect(heardAfter(null, null)).toBeNull();
    expect(heardAfter(null, 'ready', null, 'error')).toBeNull();
  });

  test('was only out of reach', () => {
    expect(heardAfter(given('poweroff', 'gone'), 'ready')).toBeNull();
  });
});
