import fc from 'fast-check';
import { NEVER } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { findLeds, missingLeds, OUR_LEDS, triggerBefore } from '../../adapters/leds/find-leds.ts';
import { createLedBuzzer } from '../../adapters/leds/led-buzzer.ts';
import { createLedDriver } from '../../adapters/leds/led-driver.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { type Light, threeLeds } from '../../machines/signals.ts';
import { BEEP_MS } from '../../services/board/ports.ts';
import { ALL_LIGHTS, boardContract } from '../contracts/board.contract.ts';
import { fakeLeds } from './fake-leds.ts';

type Leds = Awaited<ReturnType<typeof fakeLeds>>;
const made: Leds[] = [];
afterEach(async () => {
  for (const leds of made.splice(0)) await leds.remove();
});

async function make(...names: string[]): Promise<Leds> {
  const leds = await fakeLeds(names);
  made.push(leds);
  return leds;
}

const light = (signal: Light['signal'], code: Light['code'] = null): Light => ({
  signal,
  code,
  activity: null,
});
const driverOf = (
  leds: Leds,
  board: Parameters<typeof createLedDriver>[0]['leds'],
  warnings: string[] = [],
) =>
  createLedDriver({
    leds: board,
    files: leds.files,
    clock: new VirtualClock(),
    warn: (text) => warnings.push(text),
  });

boardContract('three kernel LEDs', async () => {
  const leds = await make(...Object.values(OUR_LEDS));
  const { red, amber, green } = OUR_LEDS;
  const lit = async () => ({
    red: await leds.lit(red),
    amber: await leds.lit(amber),
    green: await leds.lit(green),
  });
  return { board: { leds: await driverOf(leds, OUR_LEDS), button$: NEVER }, lit };
});

boardContract('one kernel LED', async () => {
  const leds = await make('ACT');
  const lit = async () => ({ red: false, amber: false, green: await leds.lit('ACT') });
  return { board: { leds: await driverOf(leds, { one: 'ACT' }), button$: NEVER }, lit };
});

describe('three LEDs', () => {
  test('green goes out first, and in the very call', async () => {
    const leds = await make(...Object.values(OUR_LEDS));
    const driver = await driverOf(leds, OUR_LEDS);
    driver.show(light('ready'), threeLeds(light('ready')));
    await expect.poll(() => leds.lit(OUR_LEDS.green)).toBe(true);
    leds.writes.length = 0;
    driver.show(light('error', 4), threeLeds(light('error', 4)));
    expect(leds.writes[0]).toEqual({ led: OUR_LEDS.green, file: 'brightness', text: '0', now: true });
    expect(await leds.lit(OUR_LEDS.green)).toBe(false);
    await driver.stop();
  });

  test('one that is missing is told once and the others go on', async () => {
    const leds = await make(OUR_LEDS.red, OUR_LEDS.green);
    const warnings: string[] = [];
    const driver = await driverOf(leds, OUR_LEDS, warnings);
    driver.show(light('copying'), threeLeds(light('copying')));
    driver.show(light('ready'), threeLeds(light('ready')));
    await expect.poll(() => leds.lit(OUR_LEDS.green)).toBe(true);
    await driver.stop();
    expect(warnings).toEqual([expect.stringMatching(/^LED imagetank:amber: ENOENT/)]);
  });

  test('one that is not configured is not touched', async () => {
    const leds = await make(...Object.values(OUR_LEDS));
    const driver = await driverOf(leds, { green: OUR_LEDS.green });
    driver.show(light('error', 4), threeLeds(light('error', 4)));
    await driver.stop();
    expect(new Set(leds.writes.map(({ led }) => led))).toEqual(new Set([OUR_LEDS.green]));
  });

  test('property: after any lights green is lit if and only if the last one is ready', async () => {
    const leds = await make(...Object.values(OUR_LEDS));
    const lights = fc.array(fc.constantFrom(...ALL_LIGHTS), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(lights, async (shown) => {
        const driver = await driverOf(leds, OUR_LEDS);
        for (const one of shown) {
          driver.show(one, threeLeds(one));
          if (one.signal !== 'ready') expect(await leds.lit(OUR_LEDS.green)).toBe(false);
        }
        await driver.stop('standing');
        expect(await leds.lit(OUR_LEDS.green)).toBe(shown.at(-1)?.signal === 'ready');
        await driver.stop('dark');
      }),
      { numRuns: 30 },
    );
  });
});

describe('one LED', () => {
  test('has the patterns for one, and is given back at the end', async () => {
    const leds = await make('ACT');
    await leds.set('ACT', 'mmc0');
    const driver = await driverOf(leds, { one: 'ACT' });
    driver.show(light('attention'), threeLeds(light('attention')));
    await expect.poll(() => leds.writes.at(-1)).toMatchObject({ file: 'delay_off', text: '900' });
    await driver.stop('dark');
    expect(await leds.trigger('ACT')).toBe('mmc0');
  });

  test.each([
    ['ACT', 'heartbeat', 'heartbeat'],
    ['ACT', 'timer', 'mmc0'],
    ['ACT', 'pattern', 'mmc0'],
    ['led0', 'none', 'mmc0'],
    // Steadily lit would say "safe to erase" for ever.
    ['PWR', 'default-on', null],
    ['ACT', 'default-on', null],
    ['led1', 'timer', null],
    ['mine', 'none', null],
  ])('%s with %s is given back to %s: a killed daemon leaves its own behind', async (led, current, before) => {
    const leds = await make(led);
    await leds.set(led, current);
    expect(await triggerBefore(leds.files, led)).toBe(before);
  });

  test('that has no such trigger, or is none, is left alone', async () => {
    const leds = await fakeLeds(['ACT'], ['none', 'timer']);
    made.push(leds);
    expect(await triggerBefore(leds.files, 'ACT')).toBeNull();
    expect(await triggerBefore(leds.files, 'no-such')).toBeNull();
  });
});

describe('which LEDs there are', () => {
  test.each<[string[], unknown]>([
    [[], { ours: null, own: null, buzzer: false }],
    [['imagetank:green', 'imagetank:red'], { ours: { red: 'imagetank:red', green: 'imagetank:green' } }],
    [['imagetank:red', 'imagetank:amber'], { ours: null }],
    [['PWR', 'ACT', 'led0'], { own: 'ACT' }],
    [['led1', 'led0'], { own: 'led0' }],
    [['default-on', 'PWR'], { own: 'PWR' }],
    [['imagetank:buzzer'], { buzzer: true }],
  ])('%j', async (names, found) => {
    expect(await findLeds((await make(...names)).files)).toMatchObject(found as object);
  });

  test('none where the kernel has no LEDs', async () => {
    const leds = await fakeLeds([]);
    await leds.remove();
    expect(await findLeds(leds.files)).toEqual({ ours: null, own: null, buzzer: false });
  });

  test('and which of the wanted are missing', async () => {
    const { files } = await make('a', 'b');
    expect(await missingLeds(files, { red: 'a', green: 'c' })).toEqual(['c']);
    expect(await missingLeds(files, { one: 'b' })).toEqual([]);
    expect(await missingLeds(files, {})).toEqual([]);
  });

  test('nothing is ever created', async () => {
    const leds = await make('a');
    await expect(leds.files.write('a', 'delay_on', '1')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(() => leds.files.writeNow('b', 'brightness', '1')).toThrow(/ENOENT/);
  });
});

describe('a buzzer of the kernel', () => {
  test('sounds for a moment, once at a time, and is silent after a stop', async () => {
    const leds = await make('imagetank:buzzer');
    const clock = new VirtualClock();
    const buzzer = createLedBuzzer(leds.files, clock, () => undefined);
    buzzer.beep();
    buzzer.beep();
    expect([await leds.lit('imagetank:buzzer'), clock.armed]).toEqual([true, 1]);
    clock.advance(BEEP_MS);
    expect(await leds.lit('imagetank:buzzer')).toBe(false);
    buzzer.beep();
    expect(await leds.lit('imagetank:buzzer')).toBe(true);
    await buzzer.stop();
    expect([await leds.lit('imagetank:buzzer'), clock.armed]).toEqual([false, 0]);
    await buzzer.stop();
  });

  test('that is gone is told once', async () => {
    const leds = await make();
    const warnings: string[] = [];
    const buzzer = createLedBuzzer(leds.files, new VirtualClock(), (text) => warnings.push(text));
    buzzer.beep();
    await buzzer.stop();
    expect(warnings).toHaveLength(1);
  });
});
