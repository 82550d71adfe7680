import { existsSync } from 'node:fs';
import { firstValueFrom, type Observable, VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { MonitorEnded, outputOf } from '../../adapters/udev/monitor-process.ts';
import { udevEvents } from '../../adapters/udev/udev-events.ts';

/** Runs a shell script as the monitor; its first line is its process id. */
const script = (text: string, scheduler?: VirtualTimeScheduler) =>
  outputOf('/bin/sh', ['-c', `echo $$; ${text}`], scheduler);

const endOf = (output$: Observable<string>): Promise<unknown> =>
  new Promise((resolve) => {
    output$.subscribe({ error: resolve });
  });

const isRunning = (pid: string): boolean => existsSync(`/proc/${pid}`);

/** Nobody tells when a process that is not ours any more has ended. */
async function untilGone(pid: string): Promise<void> {
  while (isRunning(pid)) await new Promise((resolve) => setImmediate(resolve));
}

/** Subscribes until the process said its number, then leaves. */
async function startAndLeave(output$: Observable<string>): Promise<string> {
  const first = await firstValueFrom(output$);
  return first.split('\n')[0] ?? '';
}

describe('a program that runs for long', () => {
  it('gives its text as it comes, one character a byte', async () => {
    const output$ = script("printf 'a\\303\\n'; exec sleep 1000");
    const said = await new Promise<string>((resolve) => {
      let all = '';
      const subscription = output$.subscribe((piece) => {
        all += piece;
        if (!all.endsWith('\u00c3\n')) return;
        subscription.unsubscribe();
        resolve(all);
      });
    });
    const [pid = '', line] = said.split('\n');
    expect(line).toBe('a\u00c3');
    await untilGone(pid);
  });

  it('is ended when nobody listens any more', async () => {
    await untilGone(await startAndLeave(script('exec sleep 1000')));
  });

  it('is killed after 2 s when it does not end', async () => {
    const scheduler = new VirtualTimeScheduler();
    // It waits for nothing else than signals, and passes over them.
    const pid = await startAndLeave(script('trap "" TERM; echo; while :; do sleep 0.01; done', scheduler));
    expect(isRunning(pid)).toBe(true);
    expect(scheduler.actions.map((action) => action.delay)).toEqual([2_000]);
    scheduler.flush();
    await untilGone(pid);
  });

  it('is not killed later when it ended', async () => {
    const scheduler = new VirtualTimeScheduler();
    const pid = await startAndLeave(script('exec sleep 1000', scheduler));
    await untilGone(pid);
    // Its end is told after it is gone.
    for (let i = 0; i < 100 && scheduler.actions.some((one) => !one.closed); i += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(scheduler.actions.filter((action) => !action.closed)).toEqual([]);
  });

  it('says why it ended', async () => {
    const scheduler = new VirtualTimeScheduler();
    const error = await endOf(script('echo no netlink >&2; exit 3', scheduler));
    // There is nobody left to be killed.
    expect(scheduler.actions).toEqual([]);
    expect(error).toBeInstanceOf(MonitorEnded);
    expect(error).toMatchObject({ code: null });
    expect(String(error)).toMatch(/ended \(3\) no netlink$/);
  });

  it('says so when it was killed, or cannot be started', async () => {
    expect(String(await endOf(script('kill -9 $$')))).toMatch(/ended \(SIGKILL\)/);
    expect(await endOf(outputOf('/nonexistent/udevadm', []))).toMatchObject({ code: 'ENOENT' });
  });

  it('says no more than 300 characters of why', async () => {
    const error = await endOf(script('head -c 5000 /dev/zero | tr "\\0" x >&2; exit 1'));
    expect(String(error).length).toBeLessThan(400);
  });

  it('leaves no process after 50 rounds', async () => {
    const pids = await Promise.all(
      Array.from({ length: 50 }, () => startAndLeave(script('exec sleep 1000'))),
    );
    await Promise.all(pids.map(untilGone));
    expect(new Set(pids).size).toBe(50);
  });
});

it('the monitor of this machine is listened to, or said to be unavailable', async () => {
  const reasons: string[] = [];
  await new Promise<void>((resolve) => {
    const subscription = udevEvents({ onUnavailable: (reason) => reasons.push(reason) }).subscribe({
      complete: resolve,
    });
    if (['/usr/bin/udevadm', '/bin/udevadm', '/sbin/udevadm'].some((path) => existsSync(path))) {
      subscription.unsubscribe();
      resolve();
    }
  });
  expect(reasons.length).toBeLessThanOrEqual(1);
});
