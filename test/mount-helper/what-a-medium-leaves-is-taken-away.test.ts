/** Unmounting, and media that are pulled or changed without a word. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask, machineWith, USB } from './asking.ts';
import type { FakeMachine } from './fake-tools.ts';
import { evaluate, unplug } from './script.ts';
import { tempFolders } from './temp.ts';

const folder = tempFolders();

const set = (machine: FakeMachine, name: string, text = ''): void =>
  writeFileSync(join(machine.dir, name), text);
const pointLeft = (machine: FakeMachine): boolean => existsSync(join(machine.dir, 'media/imagetank/sda1'));
const called = (machine: FakeMachine, start: string): readonly string[] =>
  machine
    .calls()
    .filter((call) => call.startsWith(start))
    .map((call) => call.replaceAll(machine.dir, ''));

describe('unmounting', () => {
  it('a card leaves neither mount nor mount point', async () => {
    const machine = machineWith(await folder());
    await ask(machine, 'mount-card sda1 17');
    expect(await ask(machine, 'unmount sda1 17')).toBe('ok /media/imagetank/sda1');
    expect([machine.mode('sda1'), pointLeft(machine)]).toEqual([null, false]);
    expect(called(machine, 'sync')).toEqual([]);
  });

  it('a card that is read is detached at once', async () => {
    const machine = machineWith(await folder());
    await ask(machine, 'mount-card sda1 17');
    set(machine, 'busy');
    expect(await ask(machine, 'unmount sda1 17')).toBe('ok /media/imagetank/sda1');
    expect(called(machine, 'umount').at(-1)).toBe('umount -c -i -l -- /media/imagetank/sda1');
    expect(machine.mode('sda1')).toBeNull();
  });

  it('a drive is synced first', async () => {
    const machine = machineWith(await folder());
    await ask(machine, 'mount-drive sda1 17');
    expect(await ask(machine, 'unmount sda1 17')).toBe('ok /media/imagetank/sda1');
    expect(
      machine
        .calls()
        .slice(1)
        .map((call) => call.split(' ')[0]),
    ).toEqual(['sync', 'umount']);
    expect(called(machine, 'sync')).toEqual(['sync -f -- /media/imagetank/sda1']);
  });

  it('a drive that is used to the end is made read-only and detached', async () => {
    const machine = machineWith(await folder());
    await ask(machine, 'mount-drive sda1 17');
    set(machine, 'busy');
    expect(await ask(machine, 'unmount sda1 17')).toBe('ok /media/imagetank/sda1');
    // Three tries here (BUSY_TRIES), the change, and only then away with it.
    expect(
      machine
        .calls()
        .slice(-5)
        .map((call) => call.split(' ').slice(0, 4).join(' ')),
    ).toEqual(['umount -c -i --', 'umount -c -i --', 'umount -c -i --', 'mount -i -n -o', 'umount -c -i -l']);
  });

  it('a drive that is being written stays', async () => {
    const machine = machineWith(await folder());
    await ask(machine, 'mount-drive sda1 17');
    set(machine, 'busy');
    set(machine, 'mount-says', 'mount: busy\n');
    expect(await ask(machine, 'unmount sda1 17')).toBe('no busy /media/imagetank/sda1 is in use');
    expect(machine.mode('sda1')).toBe('read-write');
  });

  it('tells when not everything could be written', async () => {
    const machine = machineWith(await folder());
    await ask(machine, 'mount-drive sda1 17');
    set(machine, 'sync-fails');
    expect(await ask(machine, 'unmount sda1 17')).toBe('no failed not everything could be written');
    expect(machine.mode('sda1')).toBeNull();
  });

  it('takes several layers away', async () => {
    const machine = machineWith(await folder());
    await ask(machine, 'mount-card sda1 17');
    machine.mounted(`50 1 0:99 / ${machine.dir}/media/imagetank/sda1 rw - tmpfs tmpfs rw`);
    expect(await ask(machine, 'unmount sda1 17')).toBe('ok /media/imagetank/sda1');
    expect(machine.mode('sda1')).toBeNull();
  });
});

describe('a medium that was pulled', () => {
  it('leaves nothing, without a sync that would wait for it', async () => {
    const machine = machineWith(await folder());
    await ask(machine, 'mount-drive sda1 17');
    unplug(machine.dir, USB);
    set(machine, 'busy');
    expect(await ask(machine, 'unmount sda1 17')).toBe('ok /media/imagetank/sda1');
    expect([machine.mode('sda1'), pointLeft(machine)]).toEqual([null, false]);
    expect(called(machine, 'sync')).toEqual([]);
    expect(await ask(machine, 'unmount sda1 17')).toBe('ok /media/imagetank/sda1');
  });
});

it('a medium that goes while it is asked for leaves no number behind that could be taken for the present one', async () => {
  const machine = machineWith(await folder());
  unplug(machine.dir, USB);
  const code = 'WANTED=17; PRESENT=17; NUMBER=8:1; attached || echo "gone [$PRESENT] [$NUMBER]"';
  expect(evaluate(machine.script, code)).toBe('gone [] []\n');
});

describe('a medium that was changed in its slot', () => {
  const swap = (machine: FakeMachine): void => machine.insert({ ...USB, diskseq: '18' });

  it('is not the one that is mounted: the old mount goes first', async () => {
    const machine = machineWith(await folder());
    await ask(machine, 'mount-card sda1 17');
    swap(machine);
    expect(await ask(machine, 'mount-card sda1 17')).toBe('no gone it is not there');
    expect(await ask(machine, 'mount-card sda1 18')).toBe('ok /media/imagetank/sda1');
    expect(called(machine, 'umount')).toEqual(['umount -c -i -l -- /media/imagetank/sda1']);
    expect(called(machine, 'mount')).toHaveLength(2);
  });

  it('is no drive that is mounted either', async () => {
    const machine = machineWith(await folder());
    await ask(machine, 'mount-drive sda1 17');
    swap(machine);
    expect(await ask(machine, 'mount-drive sda1 18')).toBe('ok /media/imagetank/sda1');
    expect(called(machine, 'mount')).toHaveLength(2);
  });

  it('what the old one left goes when it is asked for, under its own number or the new one', async () => {
    for (const number of ['17', '18']) {
      const machine = machineWith(await folder());
      await ask(machine, 'mount-drive sda1 17');
      swap(machine);
      expect(await ask(machine, `unmount sda1 ${number}`)).toBe('ok /media/imagetank/sda1');
      expect(machine.mode('sda1')).toBeNull();
      expect(called(machine, 'sync')).toEqual([]);
    }
  });

  it('a late request for the old one does not touch the new one', async () => {
    const machine = machineWith(await folder());
    swap(machine);
    await ask(machine, 'mount-drive sda1 18');
    expect(await ask(machine, 'unmount sda1 17')).toBe('ok /media/imagetank/sda1');
    expect(machine.mode('sda1')).toBe('read-write');
  });

  it.each([
    '17',
    '-',
  ])('while it is being mounted is not taken for the one that was meant: %s', async (number) => {
    const machine = machineWith(await folder());
    set(machine, 'swap-while-mounting');
    expect(await ask(machine, `mount-card sda1 ${number}`)).toBe('no gone it was changed in the middle');
    expect([machine.mode('sda1'), pointLeft(machine)]).toEqual([null, false]);
  });
});

describe('a card that becomes a drive', () => {
  it('is mounted anew, not remounted', async () => {
    const machine = machineWith(await folder(), USB, 'ext4');
    await ask(machine, 'mount-card sda1 17');
    expect(await ask(machine, 'mount-drive sda1 17')).toBe('ok /media/imagetank/sda1');
    expect(machine.calls().map((call) => call.split(' ')[0])).toEqual(['mount', 'umount', 'mount']);
    expect(machine.mode('sda1')).toBe('read-write');
  });

  it('not while it is read', async () => {
    const machine = machineWith(await folder());
    await ask(machine, 'mount-card sda1 17');
    set(machine, 'busy');
    expect(await ask(machine, 'mount-drive sda1 17')).toBe('no busy /media/imagetank/sda1 is in use');
    expect(machine.mode('sda1')).toBe('read-only');
  });
});
