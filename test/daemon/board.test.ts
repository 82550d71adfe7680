import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { OUR_LEDS } from '../../adapters/leds/find-leds.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { type BoardOptions, boardChoice, createBoard } from '../../bin/board.ts';
import { type LedSignal, threeLeds } from '../../machines/signals.ts';
import type { Command } from '../../services/board/ports.ts';
import { type LoadedConfig, mergeLayers } from '../../services/config/layers.ts';
import { FakeChildren, settled } from '../board/fake-children.ts';
import { fakeLeds } from '../leds/fake-leds.ts';

const DETECT = {
  'gpiodetect --version': 'gpiodetect (libgpiod) v2.2.1\n',
  gpiodetect: 'gpiochip0 [pinctrl-rp1] (54 lines)\n',
};
const BUTTON = 'N: Name="button@b"\nH: Handlers=kbd event3\n\n';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

interface Machine {
  readonly leds?: readonly string[];
  readonly tools?: Readonly<Record<string, string>>;
  readonly input?: string;
}

async function bench(
  values: Record<string, unknown>,
  { leds = [], tools = {}, input = '' }: Machine,
  service = true,
) {
  const kernel = await fakeLeds(leds);
  const stateDir = mkdtempSync(join(tmpdir(), 'imagetank-board-'));
  cleanups.push(kernel.remove, () => rmSync(stateDir, { recursive: true }));
  const fake = new FakeChildren();
  const asked: Command[] = [];
  const warnings: string[] = [];
  const run = async (command: Command) => {
    asked.push(command);
    return tools[command.join(' ')] ?? null;
  };
  const options: BoardOptions = {
    loaded: mergeLayers([{ source: 'file', values, where: (key) => `file:${key}` }]) as LoadedConfig,
    service,
    terminal: false,
    stateDir,
    clock: new VirtualClock(),
    out: null,
    warn: (text) => warnings.push(text),
    machine: {
      files: kernel.files,
      children: { start: fake.start, run },
      inputDevices: async () => input,
      arch: 'arm64',
    },
  };
  const create = async () => {
    const chosen = await createBoard(options);
    cleanups.push(() => chosen.board.leds.stop());
    await settled();
    const show = (signal: LedSignal) => {
      const light = { signal, code: null, activity: null };
      chosen.board.leds.show(light, threeLeds(light));
    };
    return { ...chosen, show };
  };
  const started = () => fake.all.map(({ command }) => command.join(' '));
  const file = () => readFileSync(join(stateDir, 'lights'), 'utf8');
  return { kernel, fake, asked, warnings, options, create, started, file };
}

describe('the board of the service', () => {
  test('kernel LEDs, and the button that is an input device', async () => {
    const { kernel, create, started, file, warnings } = await bench(
      {},
      { leds: Object.values(OUR_LEDS), input: BUTTON },
    );
    const { words, sim, show } = await create();
    expect([words, sim]).toEqual(['leds (kernel LEDs imagetank:*)', null]);
    show('ready');
    await expect.poll(() => kernel.lit(OUR_LEDS.green)).toBe(true);
    expect(started()).toEqual(['cat /dev/input/event3']);
    expect(file()).toBe('board=leds\nred=imagetank:red\namber=imagetank:amber\ngreen=imagetank:green\n');
    expect(warnings).toEqual([]);
  });

  test('leaves the last light when the machine goes down, and never says "safe to cut power" itself', async () => {
    const { kernel, create } = await bench({}, { leds: Object.values(OUR_LEDS) });
    const { board, show } = await create();
    show('shutting-down');
    await expect.poll(() => kernel.read(OUR_LEDS.red, 'trigger')).toContain('[timer]');
    show('off');
    await board.leds.stop('standing');
    expect(await kernel.trigger(OUR_LEDS.red)).toBe('timer');
  });

  test('is dark when only the daemon ends', async () => {
    const { kernel, create } = await bench({}, { leds: Object.values(OUR_LEDS) });
    const { board, show } = await create();
    show('shutting-down');
    show('off');
    await board.leds.stop('dark');
    expect([await kernel.trigger(OUR_LEDS.red), await kernel.lit(OUR_LEDS.red)]).toEqual(['none', false]);
  });

  test('in the foreground `off` is shown by the daemon', async () => {
    const { kernel, create } = await bench({ board: 'leds' }, { leds: Object.values(OUR_LEDS) }, false);
    const { show } = await create();
    show('ready');
    await expect.poll(() => kernel.lit(OUR_LEDS.green)).toBe(true);
    show('off');
    expect(await kernel.lit(OUR_LEDS.green)).toBe(false);
  });

  test('plain lines where they are written down: lights, button and buzzer', async () => {
    const pins = { red: 5, green: 6, button: 11, buzzer: 13 };
    const { create, started, file } = await bench({ pins }, { leds: ['ACT'], tools: DETECT });
    const { words, show } = await create();
    expect(words).toBe('gpio (pins are configured, chip pinctrl-rp1)');
    show('shutting-down');
    await settled();
    expect(started().toSorted()).toEqual([
      'gpiomon -c gpiochip0 --bias pull-down --edges both --format %E %S 11',
      'gpioset -c gpiochip0 --toggle 200ms,200ms 5=1',
      'gpioset -c gpiochip0 --toggle 250us,250us 13=1',
      'gpioset -c gpiochip0 6=0',
    ]);
    expect(file()).toContain('chip=pinctrl-rp1\nactive_low=0\nred_line=5\ngreen_line=6\nbuzzer_line=13\n');
  });

  test('without a buzzer where that is switched off', async () => {
    const { create, started } = await bench({ board: 'gpio', pins: { buzzer: false } }, { tools: DETECT });
    const { show } = await create();
    show('shutting-down');
    await settled();
    expect(started().filter((command) => command.includes('us'))).toEqual([]);
  });

  test('a buzzer of the kernel', async () => {
    const { kernel, create } = await bench({}, { leds: [...Object.values(OUR_LEDS), 'imagetank:buzzer'] });
    const { show } = await create();
    show('shutting-down');
    expect(await kernel.lit('imagetank:buzzer')).toBe(true);
  });

  test('a kernel buzzer is silent too where it is switched off', async () => {
    const leds = [...Object.values(OUR_LEDS), 'imagetank:buzzer'];
    const { kernel, create } = await bench({ pins: { buzzer: false } }, { leds });
    const { show } = await create();
    show('shutting-down');
    expect(await kernel.lit('imagetank:buzzer')).toBe(false);
  });

  test("the Pi's own LED touches no line that nobody wrote down", async () => {
    const { create, started, file } = await bench({}, { leds: ['ACT'], tools: DETECT });
    expect((await create()).words).toBe("leds (no other lights: the Pi's own LED ACT)");
    expect([started(), file()]).toEqual([[], 'board=leds\none=ACT\n']);
  });

  test('a button on a line beside kernel LEDs, where it is written down', async () => {
    const { create, started } = await bench(
      { pins: { button: 3 } },
      { leds: Object.values(OUR_LEDS), tools: DETECT },
    );
    await create();
    expect(started()).toEqual(['gpiomon -c gpiochip0 --bias pull-down --edges both --format %E %S 3']);
  });

  test('a button by the name of its device is waited for', async () => {
    const { create, started, warnings } = await bench({ pins: { button: 'my key' } }, { leds: ['ACT'] });
    await create();
    expect([started(), warnings]).toEqual([[], ['button: no input device is named my key']]);
  });

  test('its button is heard, and ends with the lights', async () => {
    const { fake, create, options } = await bench({}, { leds: Object.values(OUR_LEDS), input: BUTTON });
    const { board } = await create();
    const edges: string[] = [];
    board.button$.subscribe({ next: (edge) => edges.push(edge), complete: () => edges.push('end') });
    const press = Buffer.alloc(24);
    press.writeUInt16LE(1, 16);
    press.writeInt32LE(1, 20);
    fake.say(press);
    (options.clock as VirtualClock).advance(100);
    await board.leds.stop();
    expect([edges, fake.last.killed]).toEqual([['pressed', 'end'], true]);
  });

  test('nothing', async () => {
    const { create, file } = await bench({}, {});
    expect((await create()).words).toBe('none (no LED was found)');
    expect(file()).toBe('board=none\n');
  });
});

describe('a board that is not there', () => {
  test.each<[Record<string, unknown>, RegExp]>([
    [{ board: 'leds' }, /overlay/],
    [{ board: 'leds', leds: { one: 'X' } }, /ls \/sys\/class\/leds/],
    [{ board: 'gpio' }, /apt install gpiod/],
  ])('%j ends with 78 and the way out', async (values, hint) => {
    const { create } = await bench(values, {});
    await expect(create()).rejects.toMatchObject({ exitCode: 78, hint: expect.stringMatching(hint) });
  });
});

test('a state folder that cannot be written is a warning: lights come before that', async () => {
  const { options, warnings } = await bench({}, { leds: ['ACT'] });
  const { board } = await createBoard({ ...options, stateDir: '/dev/null' });
  expect(warnings).toEqual([expect.stringMatching(/^imagetank-lights will not know the board: ENOTDIR/)]);
  await board.leds.stop();
});

test('what cannot be written whole leaves the file of the last start as it was', async () => {
  const { options, warnings, file } = await bench({}, { leds: ['ACT'] });
  const { stateDir } = options;
  writeFileSync(join(stateDir, 'lights'), 'green=mine\n');
  mkdirSync(join(stateDir, 'lights.new'));
  const { board } = await createBoard(options);
  expect(warnings).toHaveLength(1);
  expect(file()).toBe('green=mine\n');
  await board.leds.stop();
});

test('the simulated board in a terminal asks the machine nothing', async () => {
  const { asked, options } = await bench({}, { tools: DETECT }, false);
  const { sim, words } = await createBoard({ ...options, terminal: true });
  expect([asked, words]).toEqual([[], 'sim (in a terminal)']);
  await sim?.leds.stop();
});

test('doctor learns the same without starting anything', async () => {
  const { options, started } = await bench({ pins: { green: 4 } }, { tools: DETECT });
  expect(await boardChoice(options, options.machine)).toMatchObject({ kind: 'gpio' });
  expect(started()).toEqual([]);
});
