import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Desk, PROGRAM } from './imagetank.ts';

let desk: Desk;
let child: ChildProcess | null;
let killService: () => unknown;
let log: string;
beforeEach(() => {
  desk = new Desk();
  child = null;
  killService = () => undefined;
  log = join(desk.folder('bin'), 'log');
});
afterEach(async () => {
  const one = child;
  if (one !== null && one.exitCode === null && one.signalCode === null) {
    killService();
    one.kill('SIGKILL');
    await new Promise((resolve) => one.once('exit', resolve));
  }
  await desk.clear();
});

/** A program that notes how it was called; of `systemctl` the answer to `is-system-running`. */
function standIn(name: string, script = ''): void {
  const path = join(desk.root, 'bin', name);
  writeFileSync(path, `#!/bin/sh\necho "${name} $*" >> ${log}\n${script}\n`);
  chmodSync(path, 0o755);
}

const notes = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');

/** Resolves when the notes say so. */
function noted(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (!notes().includes(text)) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(join(desk.root, 'bin'), look);
    child?.once('exit', (code) => {
      watcher.close();
      if (notes().includes(text)) resolve();
      else reject(new Error(`ended with ${code} without ${text}: ${notes()}`));
    });
    look();
  });
}

/**
 * Stands in for systemd: opens the socket, hands it over as descriptor 3, and does nothing while the service runs, so
 * that it does not answer in its place. Ends as the service ends.
 */
const SYSTEMD = `
  const { createServer } = require('node:net');
  const { spawnSync } = require('node:child_process');
  const [socket, pid, node, program] = process.argv.slice(1);
  const server = createServer().listen(socket, () => {
    const script = 'echo $$ > "$0"; LISTEN_PID=$$ SYSTEMD_EXEC_PID=$$ exec "$1" "$2" run --board sim';
    const stdio = ['ignore', 'ignore', 'ignore', server._handle.fd];
    const { status } = spawnSync('/bin/sh', ['-c', script, pid, node, program], { stdio });
    process.reallyExit(status ?? 99);
  });`;

interface Started {
  readonly ended: Promise<number | null>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

function startService(): Started {
  desk.folder('run');
  const pidFile = join(desk.root, 'pid');
  const one = spawn(process.execPath, ['-e', SYSTEMD, SOCKET(), pidFile, process.execPath, PROGRAM], {
    env: {
      ...process.env,
      PATH: `${join(desk.root, 'bin')}:${process.env['PATH']}`,
      IMAGETANK_STATE: desk.state,
      IMAGETANK_ROOTS: desk.folder('media'),
      LISTEN_FDS: '1',
      LISTEN_FDNAMES: 'control',
      NOTIFY_SOCKET: '/nowhere',
      WATCHDOG_USEC: '60000000',
    },
    stdio: 'ignore',
  });
  child = one;
  const kill = (signal: NodeJS.Signals) => {
    if (existsSync(pidFile)) process.kill(Number(readFileSync(pidFile, 'utf8')), signal);
  };
  killService = () => one.exitCode === null && kill('SIGKILL');
  return { ended: new Promise((resolve) => one.once('exit', resolve)), kill };
}

const SOCKET = () => join(desk.root, 'run/imagetank.sock');

/** One request on the inherited socket; the answer's text. */
function ask(method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const asking = request({ socketPath: SOCKET(), method, path: `/api/v1/${path}`, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve(text));
    });
    asking.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

test('it answers on the socket that it was given, says ready, alive and stopping, and leaves the socket', async () => {
  standIn('systemd-notify');
  standIn('systemctl', 'echo running');
  const service = startService();
  await noted('READY=1');
  expect(JSON.parse(await ask('GET', 'status'))).toMatchObject({ state: 'ready' });
  expect(existsSync(join(desk.state, 'imagetank.sock'))).toBe(false);
  await noted('WATCHDOG=1');
  await noted('STATUS=waiting: 0 drives, no card');
  service.kill('SIGTERM');
  expect(await service.ended).toBe(0);
  expect(notes()).toContain('STOPPING=1');
  expect(existsSync(SOCKET())).toBe(true);
  expect(notes()).not.toContain('poweroff');
});

test('poweroff switches the machine off; the wish of systemd that follows changes nothing', async () => {
  standIn('systemd-notify');
  standIn('systemctl', 'test "$1" = is-system-running && echo stopping; exit 0');
  const service = startService();
  await noted('READY=1');
  await ask('POST', 'power', { action: 'poweroff', confirm: true });
  await noted('systemctl --no-ask-password poweroff');
  service.kill('SIGTERM');
  expect(await service.ended).toBe(0);
});

test('a machine that refuses to go off makes the daemon fail, so that it is started again and says why', async () => {
  standIn('systemd-notify');
  standIn('systemctl', 'echo "Access denied" >&2; exit 1');
  const service = startService();
  await noted('READY=1');
  await ask('POST', 'power', { action: 'reboot', confirm: true });
  expect([0, 99]).not.toContain(await service.ended);
  const { out } = await desk.run('log', 'export');
  expect(out).toContain('systemctl reboot: Access denied');
});

test('SIGTERM while devices are still being listed ends it in an orderly way', async () => {
  const one = spawn(process.execPath, [PROGRAM, 'run', '--board', 'sim'], {
    env: { ...process.env, IMAGETANK_STATE: desk.state },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = one;
  const ended = new Promise<number | null>((resolve) => one.once('exit', resolve));
  // The first light is shown before the devices are listed.
  await new Promise<void>((resolve) => {
    const look = (chunk: Buffer) => chunk.toString().includes('booting') && resolve();
    one.stdout.on('data', look);
    one.stderr.on('data', look);
  });
  one.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect((await desk.run('log', 'export')).out).toContain('"ShutdownRequested"');
});

test('a restart that the page asks for ends with the status that the unit starts again, and settings have effect', async () => {
  standIn('systemd-notify');
  standIn('systemctl', 'echo running');
  const service = startService();
  await noted('READY=1');
  const changed = JSON.parse(await ask('PATCH', 'settings', { layout: 'numbered' }));
  expect(changed).toMatchObject({ settings: { layout: 'numbered' }, restart: 'service', pending: true });
  expect(JSON.parse(await ask('POST', 'restart', { confirm: true }))).toEqual({ ok: true });
  const status = await service.ended;
  const unit = readFileSync(new URL('../../adapters/systemd/imagetank.service', import.meta.url), 'utf8');
  expect(unit).toContain(`\nRestartForceExitStatus=${status}\n`);
  expect(unit).toContain(`\nSuccessExitStatus=${status}\n`);
  expect(status).not.toBe(0);
  expect(notes()).not.toMatch(/poweroff|reboot/);

  const shown = await desk.run('config', 'show', '--json');
  const source = join(desk.state, 'settings.json');
  expect(JSON.parse(shown.out)).toMatchObject({ layout: { value: 'numbered', source } });
  writeFileSync(log, '');
  // The real systemd keeps its socket; this one ended with the service.
  rmSync(SOCKET());
  const again = startService();
  await noted('READY=1');
  const after = JSON.parse(await ask('GET', 'settings'));
  expect(after).toMatchObject({ settings: { layout: 'numbered' }, pending: false });
  again.kill('SIGTERM');
  expect(await again.ended).toBe(0);
});

test('damaged settings keep nothing from starting: it says so, and asks for more copies than there are', async () => {
  standIn('systemd-notify');
  standIn('systemctl', 'echo running');
  desk.folder('state', { 'settings.json': '{"copies": 2' });
  const service = startService();
  await noted('READY=1');
  const { problems } = JSON.parse(await ask('GET', 'status'));
  expect(problems).toMatchObject([{ code: 'settings', blinks: 0 }]);
  expect(JSON.parse(await ask('GET', 'settings'))).toMatchObject({ settings: { copies: 8 } });
  service.kill('SIGTERM');
  expect(await service.ended).toBe(0);
  expect((await desk.run('config', 'check')).code).toBe(78);
});
