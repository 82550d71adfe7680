import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { createServiceManager } from '../../adapters/systemd/notify.ts';
import type { Outcome } from '../../adapters/systemd/run.ts';
import type { ServiceManager } from '../../services/ports.ts';
import { flush } from '../runtime/kit.ts';

const SOCKET = { NOTIFY_SOCKET: '/run/systemd/notify', PATH: '/usr/bin' };

/** A service manager with a `systemd-notify` that answers when the test says so. */
function kit(env: NodeJS.ProcessEnv = {}) {
  const clock = new VirtualClock();
  const sent: string[][] = [];
  const warnings: string[] = [];
  const waiting: ((outcome: Outcome) => void)[] = [];
  const manager = createServiceManager({
    env: { ...SOCKET, ...env },
    pid: 42,
    clock,
    warn: (text) => void warnings.push(text),
    run: (_file, args) => {
      sent.push([...args]);
      return new Promise((resolve) => waiting.push(resolve));
    },
  });
  const answer = async (ok = true) => {
    waiting.shift()?.({ ok, text: ok ? '' : 'no socket' });
    await flush();
  };
  return { clock, sent, warnings, manager, answer };
}

let box: ReturnType<typeof kit>;
beforeEach(() => {
  box = kit();
});

describe('messages', () => {
  test('go one at a time; what comes meanwhile goes together', async () => {
    box.manager.ready();
    box.manager.status('one');
    box.manager.stopping();
    expect(box.sent).toEqual([['READY=1']]);
    await box.answer();
    expect(box.sent).toEqual([['READY=1'], ['STOPPING=1', 'STATUS=one']]);
  });

  test('a start that takes long asks for a minute more', () => {
    box.manager.starting();
    expect(box.sent).toEqual([['EXTEND_TIMEOUT_USEC=60000000']]);
  });

  test('of several status lines the newest is sent, at most one a second', async () => {
    box.manager.status('one');
    for (const line of ['two', 'three', 'four']) box.manager.status(line);
    await box.answer();
    expect(box.sent).toEqual([['STATUS=one']]);
    box.clock.advance(999);
    expect(box.sent).toHaveLength(1);
    box.clock.advance(1);
    expect(box.sent).toEqual([['STATUS=one'], ['STATUS=four']]);
  });

  test('that are urgent do not wait for the status line', async () => {
    box.manager.status('one');
    await box.answer();
    box.manager.status('two');
    box.manager.ready();
    expect(box.sent).toEqual([['STATUS=one'], ['READY=1']]);
  });

  test('a label cannot smuggle in another message, nor fill the screen', async () => {
    box.manager.status(`copying A\nMAINPID=1\u001b[2J${'x'.repeat(1000)}`);
    const [line = ''] = box.sent[0] ?? [];
    expect(line).toMatch(/^STATUS=copying A\uFFFDMAINPID=1\uFFFD\[2Jx+$/);
    expect(line.length).toBeLessThan(320);
  });
});

describe('when systemd-notify fails', () => {
  test('it is told once, and readiness is said again until it arrives', async () => {
    box.manager.ready();
    for (const ok of [false, false, true]) {
      await box.answer(ok);
      box.clock.advance(1000);
    }
    expect(box.sent).toEqual([['READY=1'], ['READY=1'], ['READY=1']]);
    expect(box.warnings).toEqual(['systemd-notify: no socket']);
  });

  test('a sign of life is said again: the next one comes only when the watchdog has run out', async () => {
    box = kit({ WATCHDOG_USEC: '60000000' });
    box.manager.watch(() => true);
    await box.answer(false);
    box.clock.advance(1000);
    expect(box.sent).toEqual([['WATCHDOG=1'], ['WATCHDOG=1']]);
    await box.answer();
    box.clock.advance(29_000);
    expect(box.sent).toHaveLength(3);
  });

  test('it is given up after five times', async () => {
    box.manager.ready();
    for (let at = 0; at < 10; at++) {
      await box.answer(false);
      box.clock.advance(1000);
    }
    expect(box.sent).toHaveLength(5);
  });

  test('a status line is not repeated: a newer one will come', async () => {
    box.manager.status('one');
    await box.answer(false);
    box.clock.advance(60_000);
    expect(box.sent).toHaveLength(1);
  });
});

describe('the watchdog', () => {
  const pings = () => box.sent.filter((message) => message.includes('WATCHDOG=1')).length;

  test('hears twice in its interval, as long as the daemon is alive', async () => {
    box = kit({ WATCHDOG_USEC: '60000000', WATCHDOG_PID: '42' });
    let alive = true;
    box.manager.watch(() => alive);
    await box.answer();
    expect(pings()).toBe(1);
    box.clock.advance(29_999);
    expect(pings()).toBe(1);
    box.clock.advance(1);
    await box.answer();
    expect(pings()).toBe(2);
    alive = false;
    box.clock.advance(120_000);
    await box.answer();
    expect(pings()).toBe(2);
    alive = true;
    box.clock.advance(30_000);
    expect(pings()).toBe(3);
  });

  test.each([
    ['there is none', {}],
    ['it is that of another process', { WATCHDOG_USEC: '60000000', WATCHDOG_PID: '43' }],
    ['its time is nonsense', { WATCHDOG_USEC: 'soon' }],
    ['its time is 0', { WATCHDOG_USEC: '0' }],
  ])('is not told when %s', (_, env) => {
    box = kit(env);
    box.manager.watch(() => true);
    box.clock.advance(120_000);
    expect(box.sent).toEqual([]);
    expect(box.clock.armed).toBe(0);
  });
});

describe('stop', () => {
  test('waits for the last message, and arms nothing any more', async () => {
    box = kit({ WATCHDOG_USEC: '60000000' });
    box.manager.watch(() => true);
    box.manager.status('one');
    box.manager.stopping();
    let stopped = false;
    const stopping = box.manager.stop().then(() => {
      stopped = true;
    });
    await box.answer();
    expect(box.sent.at(-1)).toEqual(['STOPPING=1', 'STATUS=one']);
    expect(stopped).toBe(false);
    await box.answer();
    await stopping;
    box.clock.advance(600_000);
    expect(box.clock.armed).toBe(0);
    expect(box.sent).toHaveLength(2);
  });

  test('may come twice and first', async () => {
    await box.manager.stop();
    await box.manager.stop();
    expect(box.sent).toEqual([]);
  });
});

test('without systemd nothing is run', async () => {
  box = kit({ NOTIFY_SOCKET: '', WATCHDOG_USEC: '60000000' });
  box.manager.ready();
  box.manager.status('one');
  box.manager.watch(() => true);
  box.manager.stopping();
  await box.manager.stop();
  expect([box.sent, box.clock.armed]).toEqual([[], 0]);
});

describe('the real program', () => {
  let folder: string;
  let manager: ServiceManager;
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('is found on PATH, gets whole arguments and the socket, and nothing else of ours', async () => {
    folder = mkdtempSync(join(tmpdir(), 'imagetank-notify-'));
    const log = join(folder, 'log');
    const script = `#!/bin/sh\n{ for word in "$@"; do echo "<$word>"; done; echo "$NOTIFY_SOCKET $SECRET"; } >> ${log}\n`;
    writeFileSync(join(folder, 'systemd-notify'), script);
    chmodSync(join(folder, 'systemd-notify'), 0o755);
    const warnings: string[] = [];
    manager = createServiceManager({
      env: { NOTIFY_SOCKET: '/x/notify', PATH: `${folder}:/usr/bin:/bin`, SECRET: 'secret' },
      pid: process.pid,
      clock: new VirtualClock(),
      warn: (text) => void warnings.push(text),
    });
    manager.ready();
    manager.status('copying A B; $HOME');
    await manager.stop();
    expect(warnings).toEqual([]);
    expect(existsSync(log) ? readFileSync(log, 'utf8') : '').toBe(
      '<READY=1>\n/x/notify \n<STATUS=copying A B; $HOME>\n/x/notify \n',
    );
  });
});
