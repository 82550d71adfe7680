import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { run } from '../../adapters/systemd/run.ts';

/** As Node does it when pipes cannot be made (`EMFILE`, `ENFILE`): no streams, and the error a moment later. */
vi.mock('node:child_process', () => ({
  spawn: () => {
    const child = Object.assign(new EventEmitter(), { kill: () => false });
    process.nextTick(() => child.emit('error', new Error('spawn systemd-notify EMFILE')));
    return child;
  },
}));

test('without file descriptors it is an answer too, and no end of the daemon', async () => {
  expect(await run('systemd-notify', ['WATCHDOG=1'], { deadlineMs: 1000 })).toEqual({
    ok: false,
    text: 'spawn systemd-notify EMFILE',
  });
});
