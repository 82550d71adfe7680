import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { afterAll, describe, expect, test } from 'vitest';
import { bootLines, type Machine, renderFiles } from '../../adapters/systemd/files.ts';
import { Bench, MACHINE, SOURCE } from './kit.ts';

const bench = new Bench();
afterAll(() => bench.remove());

function textOf(name: string, change: Partial<Machine> = {}): string {
  const file = renderFiles(bench.templates, { ...MACHINE, ...change }).find(({ path }) =>
    path.endsWith(name),
  );
  return file?.text ?? `no ${name}`;
}

const SERVICE = '/system/imagetank.service';
/** Values of one setting, in order. */
const settings = (text: string, key: string) =>
  [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value);

describe('the files', () => {
  test('have no placeholder left, and only programs may be run', () => {
    const files = renderFiles(bench.templates, MACHINE);
    expect(files.filter(({ text }) => /@[A-Z]+@/.test(text))).toEqual([]);
    const programs = files.filter(({ mode }) => mode === 0o755).map(({ path }) => path);
    expect(programs).toEqual([
      '/usr/local/lib/imagetank/imagetank-mount',
      '/usr/local/lib/imagetank/imagetank-lights',
      '/usr/lib/systemd/system-shutdown/imagetank',
    ]);
    expect(files.every(({ mode }) => mode === 0o755 || mode === 0o644)).toBe(true);
  });

  test('start node with the program, and say what to run when it died', () => {
    const text = textOf(SERVICE);
    expect(settings(text, 'ExecStart')).toEqual([
      '"/usr/bin/node" --max-semi-space-size=2 "/opt/imagetank/.build/imagetank.js" run',
    ]);
    expect(settings(text, 'ExecStopPost').join()).toContain(
      '/usr/local/lib/imagetank/imagetank-lights failed',
    );
  });

  test('let setpriv write the capabilities that it has not got: children of the board run under it', () => {
    const filters = settings(textOf(SERVICE), 'SystemCallFilter');
    expect(filters.lastIndexOf('capset')).toBeGreaterThan(filters.indexOf('~@privileged @resources'));
  });

  test('do not let a daemon that hangs stand behind a green light for long', () => {
    const text = textOf(SERVICE);
    expect(settings(text, 'WatchdogSec')).toEqual(['20s']);
    // What hangs would have TimeoutStopSec= to answer any milder one.
    expect(settings(text, 'WatchdogSignal')).toEqual(['SIGKILL']);
  });

  test('let setpriv run, without which no button is read and no line is held', () => {
    // It sets its capabilities anew, to none; capset is one of @privileged.
    expect(settings(textOf(SERVICE), 'SystemCallFilter')).toEqual([
      '@system-service',
      '~@privileged @resources',
      'capset',
      // The child that draws pictures lowers itself by it; one of @resources.
      'setpriority',
    ]);
  });

  test.each([
    ['', 1],
    ['SERVICE_RESULT=success', 0],
    ['SERVICE_RESULT=watchdog', 1],
    ['SERVICE_RESULT=exit-code', 1],
  ])('after the end with %j code 9 is shown: %i', (variable, shown) => {
    const script = /^ExecStopPost=\+\/bin\/sh -c '(.*)'$/m.exec(textOf(SERVICE))?.[1] ?? '';
    const lights = join(bench.dir, 'lights');
    writeFileSync(lights, '#!/bin/sh\necho "lights $1"\n');
    chmodSync(lights, 0o755);
    const command = script.replace('/usr/local/lib/imagetank/imagetank-lights', lights);
    const { stdout } = spawnSync('env', [
      '-i',
      ...(variable === '' ? [] : [variable]),
      '/bin/sh',
      '-c',
      command,
    ]);
    expect(stdout.toString()).toBe(shown === 1 ? 'lights failed\n' : '');
  });

  test.each([
    ['with a group gpio the service is in it', MACHINE.groups, ['gpio']],
    ['without one it is in none', 'root:x:0:\nmygpio:x:1:\n', ['']],
  ])('%s', (_, groups, expected) => {
    expect(settings(textOf(SERVICE, { groups }), 'SupplementaryGroups')).toEqual(expected);
  });

  test('a program below a home is shown to the service, and nothing else of that home', () => {
    const home = { program: '/home/pi/image tank/.build/imagetank.js', node: '/home/pi/.nvm/v20/bin/node' };
    const text = textOf(SERVICE, home);
    expect(settings(text, 'ProtectHome')).toEqual(['tmpfs']);
    expect(settings(text, 'BindReadOnlyPaths')).toEqual(['', '"/home/pi/image tank"', '"/home/pi/.nvm/v20"']);
    expect(settings(textOf(SERVICE), 'BindReadOnlyPaths')).toEqual(['']);
  });

  test.each([
    '/opt/50%/x.js',
    '/opt/$HOME/x.js',
    '/opt/"x.js',
    '/opt/a\nb.js',
    '/opt/a:b.js',
    'relative/x.js',
  ])('the path %j is refused: 73', (program) => {
    const render = () => renderFiles(bench.templates, { ...MACHINE, program });
    expect(render).toThrow(expect.objectContaining({ code: 'odd-path', exitCode: 73 }));
  });

  test('a part that is missing is named: 73', () => {
    const render = () => renderFiles(join(bench.dir, 'nowhere'), MACHINE);
    expect(render).toThrow(expect.objectContaining({ code: 'incomplete', exitCode: 73 }));
  });
});

const complete = ['imagetank-mount', 'imagetank-lights'].every((name) => existsSync(join(SOURCE, name)));
if (!complete) console.log('the helper scripts are not held against their units: they are not here yet');
describe.skipIf(!complete)('the helper scripts', () => {
  const scripts = () => renderFiles(SOURCE, MACHINE).filter(({ path }) => path.startsWith('/usr/local/lib/'));

  test('are all here, and shell understands them', () => {
    expect(scripts()).toHaveLength(2);
    for (const { text } of scripts()) {
      const { status, stderr } = spawnSync('/bin/sh', ['-n'], { input: text, encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    }
  });

  test('know the words with which the units call them', () => {
    const lights = scripts().find(({ path }) => path.endsWith('lights'))?.text ?? '';
    const calls = renderFiles(SOURCE, MACHINE).flatMap(({ text }) => [
      ...text.matchAll(/imagetank-lights ([a-z]+)['\n]/g),
    ]);
    const words = calls.map(([, word]) => word).filter((word, at, all) => all.indexOf(word) === at);
    for (const word of words) expect(lights).toMatch(new RegExp(`^\\s*${word}\\)`, 'm'));
    expect(words).toEqual(expect.arrayContaining(['failed', 'free', 'off']));
  });
});

test('the mount helper stays in the mount namespace of the host', () => {
  const text = textOf('imagetank-mount@.service').replace(/^#.*$/gm, '');
  // `exec_needs_mount_namespace()` of systemd: any of these makes a private one.
  const privately =
    /^(Protect(System|Home|KernelTunables|KernelModules|KernelLogs|ControlGroups|Proc)|ProcSubset)=/m;
  expect(text).not.toMatch(privately);
  expect(text).not.toMatch(/^(Private(Tmp|Devices|IPC)|MountFlags|Root\w+|Bind\w*Paths|Dynamic\w+)=/m);
  expect(text).not.toMatch(
    /^(ReadWrite|ReadOnly|Inaccessible|Exec|NoExec)Paths=|^(TemporaryFileSystem|StateDirectory)=/m,
  );
  // Since systemd 254 PrivateNetwork= implies it, unless it is said.
  expect(settings(text, 'PrivateMounts')).toEqual(['no']);
  expect(settings(text, 'StandardInput')).toEqual(['socket']);
});

test('there are more file threads than a look at the machine may occupy: /proc has to be read meanwhile', () => {
  expect(settings(textOf(SERVICE), 'Environment')).toContain('UV_THREADPOOL_SIZE=8');
});

test('threads share the heaps of the C library, which would keep what each of them ever took', () => {
  expect(settings(textOf(SERVICE), 'Environment')).toContain('MALLOC_ARENA_MAX=2');
});

test('root mounts for the daemon only: members of the group have its commands, not its helper', () => {
  const socket = textOf('/imagetank-mount.socket');
  expect(settings(socket, 'SocketUser')).toEqual(['imagetank']);
  expect(settings(socket, 'SocketMode')).toEqual(['0600']);
});

test('the folder of the socket is not one that goes with the service', () => {
  expect(settings(textOf('/imagetank.socket'), 'ListenStream')).toEqual(['/run/imagetank/imagetank.sock']);
  expect(settings(textOf('/imagetank.socket'), 'FileDescriptorName')).toEqual(['control']);
  expect(settings(textOf(SERVICE), 'RuntimeDirectory')).toEqual([]);
});

describe('the polkit rule', () => {
  const NOT_HANDLED = 'not handled';
  type Rule = (action: { id: string }, subject: { user: string }) => string;
  let rule: Rule = () => 'no rule';
  const polkit = {
    Result: { YES: 'yes', NOT_HANDLED },
    addRule: (added: Rule) => {
      rule = added;
    },
  };
  runInContext(textOf('50-imagetank.rules'), createContext({ polkit }));
  const login = 'org.freedesktop.login1.';

  test.each([
    'power-off',
    'power-off-multiple-sessions',
    'reboot',
    'reboot-multiple-sessions',
  ])('grants %s', (name) => {
    expect(rule({ id: login + name }, { user: 'imagetank' })).toBe('yes');
    expect(rule({ id: login + name }, { user: 'pi' })).toBe(NOT_HANDLED);
  });

  test.each([
    `${login}power-off-ignore-inhibit`,
    `${login}halt`,
    `${login}set-reboot-parameter`,
    'org.freedesktop.systemd1.manage-units',
    'org.freedesktop.policykit.exec',
    'org.freedesktop.udisks2.filesystem-mount',
    '',
  ])('leaves %j to others', (id) => {
    expect(rule({ id }, { user: 'imagetank' })).toBe(NOT_HANDLED);
  });
});

describe('the lines of config.txt', () => {
  test.each(['pibrella', 'leds'] as const)('%s: the pins of the contract, one light each', (board) => {
    const leds = [
      ...bootLines(bench.templates, board).matchAll(/^dtoverlay=gpio-led,gpio=(\d+),label=imagetank:(\w+)/gm),
    ];
    expect(leds.map(([, pin, colour]) => [colour, Number(pin)])).toEqual([
      ['red', 27],
      ['amber', 17],
      ['green', 4],
    ]);
  });

  test('no light but red is lit by the kernel: a green one before the daemon would be a lie', () => {
    const lines = bootLines(bench.templates, 'pibrella').split('\n');
    expect(lines.filter((line) => /trigger=/.test(line)).join()).toMatch(/^[^,]+,gpio=27,/);
  });

  test.each([
    ['pibrella', 'active_low=0,gpio_pull=down'],
    ['leds', 'active_low=1,gpio_pull=up'],
  ] as const)('the button of %s', (board, polarity) => {
    expect(bootLines(bench.templates, board)).toContain(
      `dtoverlay=gpio-key,gpio=11,${polarity},label=imagetank-button,keycode=148`,
    );
  });
});

const systemd = spawnSync('systemd-analyze', ['--version']).error === undefined;
if (!systemd) console.log('the units are not analysed: systemd is not installed');
describe.skipIf(!systemd)('systemd-analyze', () => {
  const units = join(bench.dir, 'units');
  /** With programs that exist, so that only real mistakes are told. */
  function writeUnits(): string[] {
    rmSync(units, { recursive: true, force: true });
    mkdirSync(units);
    const files = renderFiles(bench.templates, { ...MACHINE, node: process.execPath });
    return files
      .filter(({ path }) => dirname(path) === '/etc/systemd/system')
      .map(({ path, text }) => {
        const unit = join(units, basename(path));
        writeFileSync(unit, text.replaceAll('/usr/local/lib/imagetank/imagetank-mount', '/bin/true'));
        return unit;
      });
  }

  test('finds nothing wrong in the units', () => {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...writeUnits()], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test.each([
    ['imagetank.service', 2.0],
    // All that can be had without a private mount namespace, which would hide its mounts from everybody.
    ['imagetank-mount@.service', 3.4],
  ])('%s is exposed no more than %d', (name, most) => {
    const unit = writeUnits().find((path) => path.endsWith(name)) ?? '';
    const args = ['security', '--offline=true', '--no-pager', unit];
    const { stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
    const score = Number(/Overall exposure level for .*: ([\d.]+)/.exec(stdout)?.[1] ?? 'NaN');
    expect(score).toBeLessThanOrEqual(most);
  });
});
