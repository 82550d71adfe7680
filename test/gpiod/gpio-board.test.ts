import { NEVER } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { ChipFinder } from '../../adapters/gpiod/find-chip.ts';
import { createGpioButton } from '../../adapters/gpiod/gpio-button.ts';
import { createGpioBuzzer } from '../../adapters/gpiod/gpio-buzzer.ts';
import { createGpioLeds, type GpioParts } from '../../adapters/gpiod/gpio-leds.ts';
import { children } from '../../adapters/node/children.ts';
import { createSystemClock } from '../../adapters/node/system-clock.ts';
import { type Light, threeLeds } from '../../machines/signals.ts';
import { boardLines } from '../../services/board/lines.ts';
import { boardContract } from '../contracts/board.contract.ts';
import { type FakeChipOptions, fakeTools } from './fake-tools.ts';

const POLL = { interval: 10, timeout: 20_000 };
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function bench(options: FakeChipOptions, pins: Parameters<typeof boardLines>[0] = {}) {
  const tools = await fakeTools(options);
  cleanups.push(tools.remove);
  const warnings: string[] = [];
  const real = children(tools.path);
  const parts: GpioParts = {
    ...real,
    chips: new ChipFinder(real.run, [4]),
    lines: boardLines(pins),
    clock: createSystemClock(),
    warn: (text) => warnings.push(text),
  };
  const leds = createGpioLeds(parts);
  cleanups.push(() => leds.stop());
  const show = (signal: Light['signal'], code: Light['code'] = null) => {
    const light = { signal, code, activity: null };
    leds.show(light, threeLeds(light));
  };
  const becomes = (line: number, level: number) => expect.poll(() => tools.level(line), POLL).toBe(level);
  const sets = async () => (await tools.calls()).filter((call) => call.startsWith('gpioset'));
  return { tools, parts, leds, show, becomes, warnings, sets };
}

describe.each([1, 2] as const)('libgpiod %i', (version) => {
  boardContract(`plain lines with libgpiod ${version}`, async () => {
    const { tools, leds } = await bench({ version });
    const at = async (line: number) => (await tools.level(line)) === 1;
    const lit = async () => ({ red: await at(27), amber: await at(17), green: await at(4) });
    return { board: { leds, button$: NEVER }, lit };
  });

  test('holds each line by a process of its own, and none is left after a stop', async () => {
    const { tools, leds, show, becomes, warnings } = await bench({ version });
    show('ready');
    await becomes(4, 1);
    await expect.poll(tools.holders, POLL).toHaveLength(3);
    await leds.stop();
    expect(await tools.holders()).toEqual([]);
    expect([await tools.level(4), await tools.level(17), await tools.level(27)]).toEqual([0, 0, 0]);
    expect(warnings).toEqual([]);
  });

  test('blinks without the daemon', async () => {
    const { tools, show, warnings } = await bench({ version });
    show('verifying');
    const seen: string[] = [];
    await expect
      .poll(async () => {
        const level = String(await tools.level(17));
        if (seen.at(-1) !== level) seen.push(level);
        return seen.length;
      }, POLL)
      .toBeGreaterThan(5);
    expect(await tools.level(4)).toBe(0);
    expect(warnings).toEqual([]);
  });

  test('lights by a low level where that is wired', async () => {
    const { tools, leds, show, becomes } = await bench({ version }, { active_low: true });
    show('ready');
    await becomes(4, 0);
    await becomes(27, 1);
    await leds.stop();
    expect([await tools.level(4), await tools.level(17), await tools.level(27)]).toEqual([1, 1, 1]);
  });

  test('a standing stop leaves red lit as far as the kernel lets it, and nothing else', async () => {
    const { tools, leds, show, becomes } = await bench({ version });
    show('ready');
    await becomes(4, 1);
    show('shutting-down');
    await leds.stop('standing');
    expect([await tools.level(4), await tools.level(17), await tools.level(27)]).toEqual([0, 0, 1]);
    expect(await tools.holders()).toEqual([]);
  });

  test('a tool that fails is told once a light and tried until it works', async () => {
    const { tools, show, becomes, warnings } = await bench({ version });
    await tools.mark('broken');
    show('ready');
    await expect.poll(() => warnings.length, POLL).toBe(3);
    expect(warnings.toSorted()[1]).toBe('green light: gpioset: unable to request lines on chip');
    await tools.unmark('broken');
    await becomes(4, 1);
    expect(warnings).toHaveLength(3);
  });

  test('a holder that is killed from outside is replaced', async () => {
    const { tools, show, becomes } = await bench({ version });
    show('ready');
    await becomes(4, 1);
    await expect.poll(tools.holders, POLL).toHaveLength(3);
    for (const pid of await tools.holders()) process.kill(pid, 'SIGKILL');
    await expect.poll(tools.holders, POLL).toHaveLength(3);
  });

  test('lines that are not named are not touched', async () => {
    const { tools, leds, show, becomes, sets } = await bench({ version }, { green: 5 });
    show('ready');
    await becomes(5, 1);
    await leds.stop();
    expect((await sets()).every((call) => !/\b(4|17|27|18)=/.test(call))).toBe(true);
    expect(await tools.level(5)).toBe(0);
  });

  test('a button tells its edges and nothing else', async () => {
    const { tools, parts } = await bench({ version });
    const button = createGpioButton(parts, 11);
    const edges: string[] = [];
    button.edge$.subscribe((edge) => edges.push(edge));
    button.start();
    cleanups.push(() => button.stop());
    const [up, down] = version === 1 ? ['1 7 0', '0 7 50000000'] : ['rising 7.0', 'falling 7.05'];
    await tools.press(`${up}\n`);
    await expect.poll(() => edges, POLL).toEqual(['pressed']);
    await tools.press(`noise\n${down}\n`);
    await expect.poll(() => edges, POLL).toEqual(['pressed', 'released']);
    const bias = version === 1 ? '--bias=pull-down' : '--bias pull-down';
    expect((await tools.calls()).find((call) => call.startsWith('gpiomon'))).toContain(bias);
  });

  test('a press that came and went before anybody looked is told', async () => {
    const { tools, parts } = await bench({ version });
    const button = createGpioButton(parts, 11);
    const edges: string[] = [];
    button.edge$.subscribe((edge) => edges.push(edge));
    await tools.press(version === 1 ? '1 7 0\n0 7 50000000\n' : 'rising 7.000000000\nfalling 7.050000000\n');
    button.start();
    cleanups.push(() => button.stop());
    await expect.poll(() => edges, POLL).toEqual(['pressed', 'released']);
  });

  test('a button whose reader dies while it is pressed is let go at once', async () => {
    const { tools, parts, warnings } = await bench({ version });
    const button = createGpioButton(parts, 11);
    const edges: string[] = [];
    button.edge$.subscribe((edge) => edges.push(edge));
    button.start();
    cleanups.push(() => button.stop());
    await tools.press(version === 1 ? '1 7 0\n' : 'rising 7.0\n');
    await expect.poll(() => edges, POLL).toEqual(['pressed']);
    await tools.mark('broken');
    for (const pid of await tools.holders()) process.kill(pid, 'SIGKILL');
    await expect.poll(() => edges, POLL).toEqual(['pressed', 'released']);
    await expect.poll(() => warnings, POLL).toEqual(['button: gpiomon ended with SIGKILL']);
  });

  test('a buzzer sounds for a moment and is low afterwards', async () => {
    const { tools, parts, becomes } = await bench({ version });
    const buzzer = createGpioBuzzer(parts, 18);
    buzzer.beep();
    buzzer.beep();
    await becomes(18, 1);
    await expect.poll(async () => (await tools.calls()).at(-1), POLL).toMatch(/ 18=0$/);
    await becomes(18, 0);
    await expect.poll(tools.holders, POLL).toEqual([]);
    expect((await tools.calls()).filter((call) => call.endsWith('18=1'))).toHaveLength(1);
    await buzzer.stop();
    buzzer.beep();
    await becomes(18, 1);
    await buzzer.stop();
    expect([await tools.level(18), await tools.holders()]).toEqual([0, []]);
    await buzzer.stop();
  });

  test('a buzzer that cannot sound is told once', async () => {
    const { tools, parts, warnings } = await bench({ version });
    await tools.mark('broken');
    const buzzer = createGpioBuzzer(parts, 18);
    for (const _ of [1, 2]) {
      buzzer.beep();
      await buzzer.stop();
    }
    expect(warnings.length).toBeLessThanOrEqual(1);
  });
});
