import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask, machineWith as machineIn, USB } from './asking.ts';
import { fakeMachine } from './fake-tools.ts';
import { request } from './script.ts';
import { tempFolders } from './temp.ts';

const folder = tempFolders();
const machineWith = async () => machineIn(await folder());

describe('a request', () => {
  it.each([
    ['', 'no failed the request is not understood'],
    ['mount-card sda1', 'no failed the request is not understood'],
    ['mount-card sda1 17 more', 'no failed the request is not understood'],
    ['mount-card  sda1 17', 'no failed the request is not understood'],
    ['MOUNT-CARD sda1 17', 'no failed the request is not understood'],
    ['format sda1 17', 'no failed no such verb'],
    ['mount-card ../sda1 17', 'no failed the request is not understood'],
    ['mount-card sda1;id 17', 'no failed the request is not understood'],
    ['mount-card $(id) 17', 'no failed the request is not understood'],
    ['mount-card * 17', 'no failed the request is not understood'],
    ['mount-card -sda1 17', 'no not-allowed not the name of a device'],
    ['mount-card dm-0 17', 'no not-allowed not the name of a device'],
    ['mount-card 1sda 17', 'no not-allowed not the name of a device'],
    ['mount-card sda1 x', 'no failed not a sequence number'],
    ['mount-card sda1 -1', 'no failed not a sequence number'],
    ['mount-card sda1 1a', 'no failed not a sequence number'],
    [`mount-card ${'a'.repeat(33)} 17`, 'no failed the request is too long'],
    [`mount-card sda1 ${'1'.repeat(21)}`, 'no failed the request is too long'],
    [`mount-card ${'a'.repeat(300)} 17`, 'no failed the request is not a line'],
    ['mount-card sda1 17\nunmount sda1 17', 'no failed the request is not understood'],
  ])('%j is refused', async (line, expected) => {
    const machine = await machineWith();
    expect(await ask(machine, line)).toBe(expected);
    expect(machine.calls()).toEqual([]);
  });

  it('that never ends is not waited for', async () => {
    const machine = await machineWith();
    expect(await request([machine.script], 'mount-card sda1')).toBe('no failed the request is not a line\n');
    expect(await request([machine.script], Buffer.from([0xff, 0, 10]))).toMatch(/^no failed /);
  });

  it('that cannot be finished is answered all the same', async () => {
    const machine = await machineWith();
    writeFileSync(join(machine.dir, 'run'), 'a file where the folder should be');
    expect(await ask(machine, 'mount-card sda1 17')).toMatch(/^no failed the helper ended in the middle/);
  });

  it('waits for the one before it, and not for ever', async () => {
    const machine = fakeMachine(await folder(), { LOCK_S: '0.2' });
    machine.insert(USB);
    mkdirSync(join(machine.dir, 'run'));
    const lock = join(machine.dir, 'run/sda1.lock');
    const holder = spawn('flock', [lock, 'sh', '-c', 'echo held; exec cat'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    await once(holder.stdout, 'data');
    expect(await ask(machine, 'mount-card sda1 17')).toBe('no busy another request for it is not done');
    expect(await ask(machine, 'unmount sda1 17')).toBe('no busy another request for it is not done');
    holder.stdin.end();
    await once(holder, 'close');
    expect(await ask(machine, 'mount-card sda1 17')).toBe('ok /media/imagetank/sda1');
  });

  it('is refused where the user of the daemon is missing', async () => {
    const machine = fakeMachine(await folder(), { OWNER: 'nobody-of-that-name' });
    machine.insert(USB);
    expect(await ask(machine, 'mount-card sda1 17')).toBe('no failed there is no user nobody-of-that-name');
  });

  it('for a name that never was leaves nothing behind', async () => {
    const machine = await machineWith();
    expect(await ask(machine, 'unmount sdz9 17')).toBe('ok /media/imagetank/sdz9');
    expect(existsSync(join(machine.dir, 'run'))).toBe(false);
  });
});
