import { describe, expect, test } from 'vitest';
import { LED_SIGNALS, type LedSignal, threeLeds } from '../../machines/signals.ts';
import { beeping } from '../../services/board/beeping.ts';
import { darkByStopOnly } from '../../services/board/last-light.ts';
import type { LedDriver } from '../../services/ports.ts';

function bench() {
  const done: string[] = [];
  const leds: LedDriver = {
    show: ({ signal }) => void done.push(signal),
    stop: async (last) => void done.push(`stop ${last}`),
  };
  const buzzer = {
    beep: () => void done.push('beep'),
    stop: async () => void done.push('silent'),
  };
  return { done, leds, buzzer };
}

function show(leds: LedDriver, ...signals: LedSignal[]): void {
  for (const signal of signals) {
    const light = { signal, code: null, activity: null };
    leds.show(light, threeLeds(light));
  }
}

describe('lights that outlive the daemon', () => {
  test('never say "safe to cut power" by themselves', () => {
    const { done, leds } = bench();
    show(darkByStopOnly(leds), ...LED_SIGNALS);
    expect(done).toEqual(LED_SIGNALS.filter((signal) => signal !== 'off'));
  });

  test.each(['dark', 'standing', undefined] as const)('and end as they are told: %s', async (last) => {
    const { done, leds } = bench();
    await darkByStopOnly(leds).stop(last);
    expect(done).toEqual([`stop ${last}`]);
  });
});

describe('lights with a buzzer', () => {
  test('beep once when the shutdown begins', () => {
    const { done, leds, buzzer } = bench();
    show(beeping(leds, buzzer), 'ready', 'shutting-down', 'shutting-down', 'off');
    expect(done).toEqual(['ready', 'shutting-down', 'beep', 'shutting-down', 'off']);
  });

  test('and again at the next one, when the machine did not go down after all', () => {
    const { done, leds, buzzer } = bench();
    show(beeping(leds, buzzer), 'shutting-down', 'booting', 'shutting-down');
    expect(done.filter((text) => text === 'beep')).toHaveLength(2);
  });

  test('are silent when they end', async () => {
    const { done, leds, buzzer } = bench();
    await beeping(leds, buzzer).stop('standing');
    expect(done.toSorted()).toEqual(['silent', 'stop standing']);
  });
});
