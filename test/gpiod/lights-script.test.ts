import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { triggerPlans } from '../../adapters/leds/triggers.ts';
import { type BoardChoice, chooseBoard, NOTHING_FOUND } from '../../services/board/choice.ts';
import { lightsFile } from '../../services/board/lights-file.ts';
import { boardLines } from '../../services/board/lines.ts';
import { fakeTools } from './fake-tools.ts';

const SCRIPT = fileURLToPath(new URL('../../adapters/systemd/imagetank-lights', import.meta.url));
const OURS = ['imagetank:red', 'imagetank:amber', 'imagetank:green'];
const NINE = triggerPlans('code 9', 1)[0]?.files[0]?.[1];
const why = '';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A machine in a folder: LEDs whose triggers are plain files, and programs that only say that they were called. */
function machine(
  leds: readonly string[],
  board: string | null,
  { triggers = ['timer', 'pattern'], path = '' } = {},
) {
  const dir = mkdtempSync(join(tmpdir(), 'imagetank-lights-'));
  cleanups.push(() => rmSync(dir, { recursive: true }));
  const at = (led: string, file: string) => join(dir, 'leds', led, file);
  for (const led of leds) {
    mkdirSync(join(dir, 'leds', led), { recursive: true });
    const files = ['brightness', 'trigger'];
    if (triggers.includes('timer')) files.push('delay_on', 'delay_off');
    if (triggers.includes('pattern')) files.push('pattern');
    for (const file of files) writeFileSync(at(led, file), 'before');
    writeFileSync(at(led, 'max_brightness'), '1\n');
  }
  if (board !== null) writeFileSync(join(dir, 'lights'), board);
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  for (const name of ['systemd-run', 'systemctl']) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >>'${dir}/calls'\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const copy = join(dir, 'imagetank-lights');
  const text = readFileSync(SCRIPT, 'utf8')
    .replace(/^LEDS=.*$/m, `LEDS='${dir}/leds'`)
    .replace(/^BOARD=.*$/m, `BOARD='${dir}/lights'`)
    .replace(/^PATH=.*$/m, `PATH='${bin}:${path === '' ? '/usr/bin:/bin' : path}'`);
  writeFileSync(copy, text);
  const run = (verb: string) => {
    const { status, stdout, stderr } = spawnSync('sh', ['-x', copy, verb], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(stdout).toBe('');
    const puts = stderr.split('\n').flatMap((line) => /^\++ put (.*)$/.exec(line)?.[1] ?? []);
    return { status, puts, trace: stderr };
  };
  const read = (led: string, file: string) =>
    existsSync(at(led, file)) ? readFileSync(at(led, file), 'utf8') : null;
  const calls = () => (existsSync(join(dir, 'calls')) ? readFileSync(join(dir, 'calls'), 'utf8') : '');
  return { dir, run, read, calls };
}

const chosen = (leds: Extract<BoardChoice, { kind: 'leds' }>['leds']) =>
  lightsFile({ kind: 'leds', leds, why }, boardLines({}));

describe('failed', () => {
  test.each([
    ['a file', chosen({ red: OURS[0], amber: OURS[1], green: OURS[2] })],
    ['no file', null],
    ['a damaged file', '\u0000\u0001 red=\nred=/etc/passwd\ngreen=$(reboot)\namber=..\n'],
  ])('with %s: green and amber dark, red code 9', (_, board) => {
    const { run, read } = machine([...OURS, 'ACT'], board);
    expect(run('failed').status).toBe(0);
    for (const led of ['imagetank:green', 'imagetank:amber']) {
      expect([read(led, 'brightness'), read(led, 'trigger')]).toEqual(['0', 'none']);
    }
    expect([read('imagetank:red', 'trigger'), read('imagetank:red', 'pattern')]).toEqual(['pattern', NINE]);
    expect(read('ACT', 'trigger')).toBe('before');
  });

  test('a pipe in place of the file holds up nobody', () => {
    const { dir, run, read } = machine(OURS, null);
    execFileSync('mkfifo', [join(dir, 'lights')]);
    expect(run('failed').status).toBe(0);
    expect(read('imagetank:red', 'pattern')).toBe(NINE);
    expect(run('off').status).toBe(0);
  });

  test('green goes first', () => {
    const { run } = machine(OURS, null);
    const { puts } = run('failed');
    expect(puts[0]).toBe('imagetank:green brightness 0');
    expect(puts.findIndex((put) => put.startsWith('imagetank:red'))).toBeGreaterThan(5);
  });

  test('LEDs of other names', () => {
    const { run, read } = machine(['my.red', 'my-green'], chosen({ red: 'my.red', green: 'my-green' }));
    run('failed');
    expect([read('my-green', 'brightness'), read('my.red', 'pattern')]).toEqual(['0', NINE]);
  });

  test('one LED', () => {
    const { run, read } = machine(['ACT', 'PWR'], chosen({ one: 'ACT' }));
    run('failed');
    expect([read('ACT', 'pattern'), read('PWR', 'trigger')]).toEqual([NINE, 'before']);
  });

  test('without a file the own LED of a Pi', () => {
    const { run, read } = machine(['led0', 'led1'], null);
    run('failed');
    expect([read('led0', 'pattern'), read('led1', 'trigger')]).toEqual([NINE, 'before']);
  });

  test('a board without lights stays without', () => {
    const board = chooseBoard(
      { board: 'none', leds: {}, pinsWritten: false, service: true, terminal: false },
      NOTHING_FOUND,
    );
    const { run, read } = machine(['ACT'], lightsFile(board, boardLines({})));
    expect(run('failed').status).toBe(0);
    expect(read('ACT', 'trigger')).toBe('before');
  });

  test.each([
    [['timer'], ['timer', '200', '200', '0']],
    [[], ['none', null, null, '1']],
  ])('with the triggers %j', (triggers, expected) => {
    const { run, read } = machine(OURS, null, { triggers });
    run('failed');
    const red = (file: string) => read('imagetank:red', file);
    expect([red('trigger'), red('delay_on'), red('delay_off'), red('brightness')]).toEqual(expected);
  });

  test('words of the daemon are never executed and never a path', () => {
    const evil = [
      'green=../../lights',
      'one=a/b',
      'red=x;touch pwned',
      'chip=$(touch pwned)',
      'red_line=1;2',
    ].join('\n');
    const { dir, run } = machine(OURS, evil);
    run('failed');
    expect(readFileSync(join(dir, 'lights'), 'utf8')).toBe(evil);
    expect(existsSync('pwned') || existsSync(join(dir, 'pwned'))).toBe(false);
  });

  test('on a machine without any light is no failure', () => {
    expect(machine([], null).run('failed').status).toBe(0);
  });
});

describe('off', () => {
  test('everything out', () => {
    const { run, read } = machine([...OURS, 'imagetank:buzzer', 'PWR'], null);
    expect(run('off').status).toBe(0);
    for (const led of [...OURS, 'imagetank:buzzer']) {
      expect([read(led, 'brightness'), read(led, 'trigger')]).toEqual(['0', 'none']);
    }
    expect(read('PWR', 'trigger')).toBe('before');
  });

  test('the one LED too', () => {
    const { run, read } = machine(['ACT'], chosen({ one: 'ACT' }));
    run('off');
    expect([read('ACT', 'brightness'), read('ACT', 'trigger')]).toEqual(['0', 'none']);
  });
});

test('free ends what shows the failure on plain lines', () => {
  const { run, calls } = machine([], null);
  expect(run('free').status).toBe(0);
  expect(calls()).toBe('systemctl --quiet stop imagetank-failed-light.service\n');
});

test.each(['', 'on', '--help'])('%j is no verb', (verb) => {
  const { status, trace } = machine([], null).run(verb);
  expect(status).toBe(64);
  expect(trace).toContain('usage: imagetank-lights failed|free|off');
});

describe.each([1, 2] as const)('plain lines with libgpiod %i', (version) => {
  const FILE = lightsFile(
    { kind: 'gpio', chip: { label: 'pinctrl-bcm2711', offset: (line) => line }, why },
    boardLines({}),
  );

  async function lines(board: string) {
    const tools = await fakeTools({ version });
    cleanups.push(tools.remove);
    return { tools, ...machine([], board, { path: tools.path }) };
  }

  test('failed: green, amber and buzzer low at once, red blinks in a unit of its own', async () => {
    const { tools, run, calls } = await lines(FILE);
    expect(run('failed').status).toBe(0);
    expect([await tools.level(4), await tools.level(17), await tools.level(18)]).toEqual([0, 0, 0]);
    expect(calls()).toMatch(/^systemd-run --quiet --collect --unit=imagetank-failed-light (gpioset|sh -c)/);
    if (version === 2) expect(calls()).toMatch(/-c gpiochip7 --toggle (200ms,){17}1400ms 27=1\n$/);
    else expect(calls()).toMatch(/sh gpiochip7 27 \n$/);
  });

  test('off: all low', async () => {
    const { tools, run } = await lines(FILE);
    run('off');
    expect([await tools.level(27), await tools.level(17), await tools.level(4)]).toEqual([0, 0, 0]);
    expect(await tools.holders()).toEqual([]);
  });

  test('lines that a low level lights are set high', async () => {
    const { tools, run } = await lines(FILE.replace('active_low=0', 'active_low=1'));
    run('off');
    expect([await tools.level(27), await tools.level(4)]).toEqual([1, 1]);
  });

  test('without a file no line is touched: nobody knows what is wired there', async () => {
    const { tools, run } = await lines('board=leds\n');
    run('failed');
    run('off');
    expect((await tools.calls()).filter((call) => call.startsWith('gpioset'))).toEqual([]);
  });

  test('a chip that is gone is no failure', async () => {
    const { tools, run } = await lines(FILE);
    await tools.mark('no-chip');
    expect([run('failed').status, run('off').status]).toEqual([0, 0]);
  });

  test('what the unit runs really blinks nine times', async () => {
    const { tools, dir, run } = await lines(FILE);
    // systemd-run as far as it matters here: the rest is the command.
    writeFileSync(
      join(dir, 'bin', 'systemd-run'),
      `#!/bin/sh\nshift 3\nPATH='${tools.path}' timeout 1.1 "$@" >/dev/null 2>&1\n:\n`,
    );
    run('failed');
    const level = await tools.level(27);
    expect(level === 0 || level === 1).toBe(true);
    expect(await tools.level(4)).toBe(0);
  });
});

test('the script is plain POSIX', () => {
  execFileSync('sh', ['-n', SCRIPT]);
});
