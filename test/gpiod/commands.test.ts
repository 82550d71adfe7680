import { execFile } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import {
  buzzCommand,
  readEdge,
  setCommand,
  showCommand,
  watchCommand,
} from '../../adapters/gpiod/commands.ts';
import { ChipFinder, type GpioChip } from '../../adapters/gpiod/find-chip.ts';
import { createGpioLeds } from '../../adapters/gpiod/gpio-leds.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { type LedPattern, threeLeds } from '../../machines/signals.ts';
import { FIRST_RETRY_MS } from '../../services/board/kept-child.ts';
import { boardLines } from '../../services/board/lines.ts';
import type { Command } from '../../services/board/ports.ts';
import { FakeChildren, settled } from '../board/fake-children.ts';

const chip = (version: 1 | 2): GpioChip => ({
  version,
  name: 'gpiochip3',
  label: 'pinctrl-rp1',
  offset: (line) => line,
});
const words = (command: Command) => command.join(' ');

describe('version 2', () => {
  test.each<[LedPattern, boolean, string]>([
    ['on', false, 'gpioset -c gpiochip3 4=1'],
    ['off', false, 'gpioset -c gpiochip3 4=0'],
    ['on', true, 'gpioset -c gpiochip3 --active-low 4=1'],
    ['blink 100/1900', false, 'gpioset -c gpiochip3 --toggle 100ms,1900ms 4=1'],
    ['pulse 400/400', false, 'gpioset -c gpiochip3 --toggle 400ms,400ms 4=1'],
    ['code 2', false, 'gpioset -c gpiochip3 --toggle 200ms,200ms,200ms,1400ms 4=1'],
  ])('shows %s', (pattern, activeLow, expected) => {
    expect(words(showCommand(chip(2), 4, activeLow, pattern))).toBe(expected);
  });

  test.each([
    2, 3, 4, 5, 6, 7, 8, 9,
  ])('code %i takes an even number of periods: it must end as it began', (code) => {
    const [, periods = ''] =
      /--toggle (\S+)/.exec(words(showCommand(chip(2), 4, false, `code ${code}`))) ?? [];
    expect(periods.split(',')).toHaveLength(2 * code);
  });

  test('sets and ends, watches, buzzes', () => {
    expect(
      words(
        setCommand(chip(2), true, [
          [27, 1],
          [4, 0],
        ]),
      ),
    ).toBe('gpioset -c gpiochip3 --active-low --toggle 0 27=1 4=0');
    expect(words(watchCommand(chip(2), 11, false))).toBe(
      'gpiomon -c gpiochip3 --bias pull-down --edges both --format %E %S 11',
    );
    expect(words(watchCommand(chip(2), 11, true))).toContain('--active-low --bias pull-up');
    expect(words(buzzCommand(chip(2), 18, false))).toBe('gpioset -c gpiochip3 --toggle 250us,250us 18=1');
  });
});

describe('version 1', () => {
  test.each<[LedPattern, boolean, string]>([
    ['on', false, 'gpioset --mode=signal gpiochip3 4=1'],
    ['off', true, 'gpioset --active-low --mode=signal gpiochip3 4=0'],
  ])('shows %s', (pattern, activeLow, expected) => {
    expect(words(showCommand(chip(1), 4, activeLow, pattern))).toBe(expected);
  });

  test('blinks by a shell, whose words are arguments', () => {
    const command = showCommand(chip(1), 4, true, 'blink 100/1900');
    expect(command.slice(0, 2)).toEqual(['sh', '-c']);
    expect(command.slice(3)).toEqual(['sh', 'gpiochip3', '4', '--active-low', '1:0:100000', '0:1:900000']);
    expect(showCommand(chip(1), 4, false, 'code 1').slice(6)).toEqual(['', '1:0:200000', '0:1:400000']);
  });

  test('sets and ends, watches, buzzes', () => {
    expect(
      words(
        setCommand(chip(1), false, [
          [27, 1],
          [4, 0],
        ]),
      ),
    ).toBe('gpioset --mode=exit gpiochip3 27=1 4=0');
    expect(words(watchCommand(chip(1), 11, true))).toBe(
      'gpiomon --active-low --bias=pull-up --line-buffered --format=%e %s %n gpiochip3 11',
    );
    expect(words(buzzCommand(chip(1), 18, false))).toBe('gpioset --mode=signal gpiochip3 18=1');
  });
});

test("a line has the chip's own offset", () => {
  const other: GpioChip = { ...chip(2), offset: (line) => line + 30 };
  expect(words(showCommand(other, 4, false, 'on'))).toMatch(/ 34=1$/);
  expect(words(setCommand(other, false, [[4, 0]]))).toMatch(/ 34=0$/);
  expect(words(watchCommand(other, 11, false))).toMatch(/ 41$/);
  expect(words(buzzCommand(other, 18, false))).toMatch(/ 48=1$/);
});

test.each([
  ['1 12 345000000', { pressed: true, atMs: 12_345 }],
  ['0 12 5000000', { pressed: false, atMs: 12_005 }],
  ['rising 12.345000000', { pressed: true, atMs: 12_345 }],
  ['falling 12.005000000', { pressed: false, atMs: 12_005 }],
  ['rising 12', { pressed: true, atMs: 12_000 }],
  ['1', null],
  ['rising', null],
  ['rising soon', null],
  ['2 12 0', null],
  ['', null],
])('an edge %j is %j', (text, edge) => {
  expect(readEdge(text)).toEqual(edge);
});

describe('the chip', () => {
  const INFO_1 =
    '\tline   0:     "ID_SDA"       unused   input  active-high \n\tline   9:      "GPIO4"       unused   input  active-high \n';
  const INFO_2 = '\tline   0:\t"ID_SDA"        \tinput\n\tline   9:\t"GPIO4"         \tinput\n';
  const tools = (answers: Readonly<Record<string, string>>) => {
    const asked: string[] = [];
    const run = async (command: Command) => {
      asked.push(words(command));
      return answers[words(command)] ?? null;
    };
    return { asked, run };
  };
  const versionOf = (version: number) => ({
    'gpiodetect --version': `gpiodetect (libgpiod) v${version}.6.3\n`,
  });
  const find = async (answers: Readonly<Record<string, string>>, lines = [4]) =>
    new ChipFinder(tools(answers).run, lines).find();

  test.each([
    'pinctrl-rp1',
    'pinctrl-bcm2711',
    'pinctrl-bcm2835',
  ])('is found by the label %s', async (label) => {
    const list = `gpiochip0 [raspberrypi-exp-gpio] (8 lines)\ngpiochip11 [${label}] (54 lines)\n`;
    const found = await find({ ...versionOf(2), gpiodetect: list });
    expect(found).toMatchObject({ name: 'gpiochip11', label, version: 2 });
    expect((found as GpioChip).offset(17)).toBe(17);
  });

  test.each([
    [1, 'gpioinfo gpiochip2', INFO_1],
    [2, 'gpioinfo -c gpiochip2', INFO_2],
  ] as const)('else by the names of its lines, version %i', async (version, command, info) => {
    const list = 'gpiochip0 [other] (1 line)\ngpiochip2 [mine] (20 lines)\n';
    const found = await find({ ...versionOf(version), gpiodetect: list, [command]: info });
    expect(found).toMatchObject({ name: 'gpiochip2', version });
    expect((found as GpioChip).offset(4)).toBe(9);
  });

  test('is none when a name is missing or stands twice', async () => {
    const answers = { ...versionOf(2), gpiodetect: 'gpiochip2 [mine] (20 lines)\n' };
    const twice = `${INFO_2}\tline  10:\t"GPIO4"\tinput\n`;
    expect(await find({ ...answers, 'gpioinfo -c gpiochip2': INFO_2 }, [4, 17])).toBe(
      'no GPIO chip has the lines GPIO4, GPIO17',
    );
    expect(await find({ ...answers, 'gpioinfo -c gpiochip2': twice })).toBe(
      'no GPIO chip has the lines GPIO4',
    );
  });

  test('is none without tools or chips, in words', async () => {
    expect(await find({})).toMatch(/not installed/);
    expect(await find(versionOf(3))).toMatch(/not installed/);
    expect(await find(versionOf(2))).toMatch(/no GPIO chip can be opened/);
    expect(await find({ ...versionOf(2), gpiodetect: 'gpiochip0; rm [pinctrl-rp1] (1 line)\n' })).toMatch(
      /no GPIO/,
    );
  });

  test('is remembered until it is forgotten; a failure is not', async () => {
    const answers: Record<string, string> = { ...versionOf(2) };
    const { asked, run } = tools(answers);
    const finder = new ChipFinder(run, [4]);
    expect(typeof (await finder.find())).toBe('string');
    answers['gpiodetect'] = 'gpiochip1 [pinctrl-rp1] (54 lines)\n';
    expect(await finder.find()).toMatchObject({ name: 'gpiochip1' });
    const before = asked.length;
    await finder.find();
    expect(asked).toHaveLength(before);
    answers['gpiodetect'] = 'gpiochip2 [pinctrl-rp1] (54 lines)\n';
    finder.forget();
    expect(await finder.find()).toMatchObject({ name: 'gpiochip2' });
  });
});

test('a chip that came back under another number is found again when a tool fails', async () => {
  const fake = new FakeChildren();
  const clock = new VirtualClock();
  let name = 'gpiochip1';
  const run = async ([, option]: Command) =>
    option === '--version' ? 'gpiodetect (libgpiod) v2.2.1\n' : `${name} [pinctrl-rp1] (54 lines)\n`;
  const chips = new ChipFinder(run, [4]);
  const lines = boardLines({ green: 4 });
  const leds = createGpioLeds({ start: fake.start, run, chips, lines, clock, warn: () => undefined });
  const light = { signal: 'ready', code: null, activity: null } as const;
  leds.show(light, threeLeds(light));
  await settled();
  name = 'gpiochip2';
  await fake.end('gpioset: No such device');
  clock.advance(FIRST_RETRY_MS);
  await settled();
  expect(fake.all.map(({ command }) => words(command))).toEqual([
    'gpioset -c gpiochip1 4=1',
    'gpioset -c gpiochip2 4=1',
  ]);
  await leds.stop();
});

describe('the real tools of this machine understand these words', () => {
  const ask = ([file, ...args]: Command) =>
    new Promise<string>((resolve) => {
      execFile(file, args, { timeout: 5000, env: { PATH: '/usr/bin:/bin' } }, (_, out, err) =>
        resolve(out + err),
      );
    });

  test('or are not installed', async (context) => {
    const version = /v([12])\./.exec(await ask(['gpioset', '--version']))?.[1];
    if (version === undefined) {
      console.log('skipped: gpiod is not installed, its options are not checked');
      return context.skip();
    }
    const absent: GpioChip = { ...chip(version === '1' ? 1 : 2), name: 'gpiochip999' };
    const said = await Promise.all([
      ask(showCommand(absent, 4, true, 'on')),
      ask(showCommand(absent, 4, true, 'blink 100/1900')),
      ask(setCommand(absent, true, [[4, 0]])),
      ask(watchCommand(absent, 11, true)),
      ask(buzzCommand(absent, 18, true)),
    ]);
    // They complain about the chip, which is the first thing after their options.
    for (const text of said) expect(text).toMatch(/gpiochip999|No such file/);
    for (const text of said) expect(text).not.toMatch(/option|usage|try|invalid/i);
  });
});
