import { afterEach, describe, expect, test } from 'vitest';
import { KernelLed, RETRY_MS } from '../../adapters/leds/kernel-led.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { fakeLeds } from './fake-leds.ts';

type Leds = Awaited<ReturnType<typeof fakeLeds>>;
const made: Leds[] = [];
const running: KernelLed[] = [];
afterEach(async () => {
  for (const led of running.splice(0)) await led.stop('standing', null);
  for (const leds of made.splice(0)) await leds.remove();
});

async function bench(triggers?: string[]) {
  const leds = await fakeLeds(['L'], triggers);
  made.push(leds);
  const clock = new VirtualClock();
  const warnings: string[] = [];
  const led = new KernelLed({ name: 'L', files: leds.files, clock, warn: (text) => warnings.push(text) });
  running.push(led);
  const said = () => leds.writes.map(({ file, text, now }) => `${file}=${text}${now ? '!' : ''}`);
  const becomes = (value: () => unknown, expected: unknown) =>
    expect.poll(value, { interval: 2, timeout: 20_000 }).toEqual(expected);
  /** Time passes until the condition holds: retries wait for the clock, file work for the disk. */
  const until = async (stepMs: number, holds: () => boolean | Promise<boolean>) => {
    const look = async () => {
      const found = await holds();
      if (!found) clock.advance(stepMs);
      return found;
    };
    await expect.poll(look, { interval: 2, timeout: 20_000 }).toBe(true);
  };
  return { leds, clock, warnings, led, said, becomes, until };
}

const error = (code: string) => Object.assign(new Error(`${code}: write`), { code });

describe('a kernel LED', () => {
  test('is set at the first light, whatever it showed: dark at once, then without a trigger', async () => {
    const { leds, led, said, becomes } = await bench();
    await leds.set('L', 'mmc0');
    led.show('off');
    expect(said()).toEqual(['brightness=0!']);
    await becomes(said, ['brightness=0!', 'brightness=0', 'trigger=none', 'brightness=0!']);
    expect(await leds.trigger('L')).toBe('none');
  });

  test('blinks by the timer, and goes on without the daemon', async () => {
    const { leds, clock, led, said, becomes } = await bench();
    led.show('blink 100/1900');
    await becomes(() => said().slice(-3), ['trigger=timer', 'delay_on=100', 'delay_off=1900']);
    const before = leds.writes.length;
    clock.advance(60_000);
    expect([leds.writes.length, clock.armed]).toEqual([before, 0]);
    expect(await leds.trigger('L')).toBe('timer');
  });

  test('shows a code by a pattern', async () => {
    const { led, said, becomes } = await bench();
    led.show('code 2');
    await becomes(
      () => said().slice(-2),
      ['trigger=pattern', 'pattern=1 200 1 0 0 200 0 0 1 200 1 0 0 1400 0 0'],
    );
  });

  test('is lit with its own highest brightness', async () => {
    const leds = await fakeLeds(['L'], undefined, 255);
    made.push(leds);
    const led = new KernelLed({
      name: 'L',
      files: leds.files,
      clock: new VirtualClock(),
      warn: () => undefined,
    });
    running.push(led);
    led.show('on');
    await expect.poll(() => leds.read('L', 'brightness')).toBe('255');
  });

  test('goes dark before `show` returns when it was lit steadily, though no thread is free', async () => {
    const { leds, led, becomes } = await bench();
    led.show('on');
    await becomes(() => leds.lit('L'), true);
    const go = leds.holdUp();
    led.show('code 5');
    expect(await leds.lit('L')).toBe(false);
    led.show('off');
    go();
    await led.stop('dark', null);
    expect(await leds.lit('L')).toBe(false);
  });

  test('an `on` that is on its way never comes after the `off` that followed it', async () => {
    const { leds, led } = await bench();
    const go = leds.holdUp();
    led.show('on');
    led.show('off');
    go();
    await led.stop('standing', null);
    expect(leds.writes.filter(({ file, text }) => file === 'brightness' && text !== '0')).toEqual([]);
  });

  test('an off between two ons is shown', async () => {
    const { leds, led, said, becomes } = await bench();
    led.show('on');
    await becomes(() => leds.lit('L'), true);
    leds.writes.length = 0;
    led.show('off');
    led.show('on');
    expect(said()[0]).toBe('brightness=0!');
    await becomes(() => said().at(-1), 'brightness=1!');
  });

  test('of many changes the newest is shown, without a queue', async () => {
    const { leds, led, said, becomes } = await bench();
    const go = leds.holdUp();
    for (let code = 1; code <= 9; code++) led.show(`code ${code}`);
    led.show('blink 400/400');
    go();
    await becomes(() => said().slice(-2), ['delay_on=400', 'delay_off=400']);
    expect(said().filter((text) => text.startsWith('pattern='))).toEqual([]);
  });

  test('the same pattern again writes nothing', async () => {
    const { leds, led, said, becomes } = await bench();
    led.show('blink 100/100');
    await becomes(() => said().at(-1), 'delay_off=100');
    const before = leds.writes.length;
    led.show('blink 100/100');
    await led.stop('standing', null);
    expect(leds.writes).toHaveLength(before);
  });
});

describe('without a trigger', () => {
  test('timer: the pattern trigger blinks', async () => {
    const { led, said, becomes } = await bench(['none', 'pattern']);
    led.show('blink 100/900');
    await becomes(() => said().at(-1), 'pattern=1 100 1 0 0 900 0 0');
  });

  test('any: the daemon blinks', async () => {
    const { leds, clock, led, becomes, said } = await bench(['none']);
    led.show('code 2');
    await becomes(() => said().at(-1), 'brightness=1!');
    const seen: boolean[] = [];
    for (const ms of [200, 200, 200, 1399, 1, 200]) {
      seen.push(await leds.lit('L'));
      clock.advance(ms);
    }
    expect(seen).toEqual([true, false, true, false, false, true]);
    led.show('off');
    expect([clock.armed > 0, await leds.lit('L')]).toEqual([false, false]);
    await led.stop('dark', null);
  });

  test('that can be set although it is listed: told once, and the next one is taken', async () => {
    const { leds, led, said, warnings, becomes } = await bench();
    leds.faults.set('delay_on', error('EINVAL'));
    led.show('blink 100/100');
    await becomes(() => said().at(-1), 'pattern=1 100 1 0 0 100 0 0');
    expect(warnings).toEqual(['LED L: EINVAL: write']);
    leds.faults.clear();
    led.show('blink 200/200');
    await becomes(() => said().at(-1), 'pattern=1 200 1 0 0 200 0 0');
  });
});

describe('files that are not ours yet', () => {
  test('are waited for: udev gives them away when it has heard of the trigger', async () => {
    const { leds, led, said, warnings, until } = await bench();
    leds.faults.set('delay_on', error('EACCES'));
    led.show('blink 200/200');
    await until(0, () => said().includes('delay_on=200'));
    leds.faults.clear();
    await until(50, () => said().at(-1) === 'delay_off=200');
    expect(warnings).toEqual([]);
  });

  test('and never become ours: the daemon blinks after two seconds', async () => {
    const { leds, clock, led, said, warnings, until } = await bench();
    leds.faults.set('delay_on', error('EACCES')).set('pattern', error('EACCES'));
    const startMs = clock.monoMs();
    led.show('blink 200/200');
    await until(50, () => said().at(-1) === 'brightness=1!');
    expect(clock.monoMs() - startMs).toBeGreaterThanOrEqual(4000);
    expect(warnings).toEqual(['LED L: EACCES: write']);
    await led.stop('dark', null);
    expect(await leds.lit('L')).toBe(false);
  });

  test('do not hold up a newer light', async () => {
    const { leds, clock, led, until } = await bench();
    leds.faults.set('delay_on', error('EACCES'));
    led.show('blink 200/200');
    await until(0, () => clock.armed === 1);
    led.show('on');
    clock.advance(50);
    await until(0, () => leds.lit('L'));
    expect(await leds.trigger('L')).toBe('none');
  });
});

describe('an LED that cannot be written', () => {
  test('is told once, and tried until it can: it may be showing what is no longer true', async () => {
    const { leds, led, warnings, until } = await bench();
    led.show('on');
    await until(0, () => leds.lit('L'));
    leds.faults.set('L', error('EIO'));
    expect(() => led.show('off')).not.toThrow();
    await until(RETRY_MS, () => leds.writes.filter(({ now }) => !now).length > 10);
    expect(await leds.lit('L')).toBe(true);
    leds.faults.clear();
    await until(RETRY_MS, async () => !(await leds.lit('L')));
    expect(warnings).toEqual(['LED L: EIO: write']);
  });

  test('does not keep the daemon from ending, and is not tried after that', async () => {
    const { leds, clock, led } = await bench();
    leds.faults.set('L', error('ENOENT'));
    led.show('on');
    await led.stop('dark', 'mmc0');
    const before = leds.writes.length;
    clock.advance(60_000);
    await new Promise(setImmediate);
    expect([leds.writes.length, clock.armed]).toEqual([before, 0]);
  });

  test('and one that hangs is left behind after two seconds', async () => {
    const { leds, clock, led } = await bench();
    leds.holdUp();
    led.show('blink 100/100');
    const stopped = led.stop('standing', null);
    clock.advance(2000);
    await expect(stopped).resolves.toBeUndefined();
  });
});

describe('at the end', () => {
  test('dark gives the trigger back that it had before', async () => {
    const { leds, led } = await bench();
    led.show('blink 100/100');
    await led.stop('dark', 'mmc0');
    expect(await leds.trigger('L')).toBe('mmc0');
  });

  test('standing leaves the kernel blinking', async () => {
    const { leds, led } = await bench();
    led.show('blink 200/200');
    await led.stop('standing', 'mmc0');
    expect(await leds.trigger('L')).toBe('timer');
    led.show('on');
    await led.stop('dark', 'mmc0');
    expect(await leds.trigger('L')).toBe('timer');
  });
});
