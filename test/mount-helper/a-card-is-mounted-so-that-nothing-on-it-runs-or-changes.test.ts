/** What is handed to mount(8), and what is made of its answers. */
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask, machineWith, USB } from './asking.ts';
import type { FakeMachine } from './fake-tools.ts';
import { edit } from './images.ts';
import { copyScript, evaluate } from './script.ts';
import { tempFolders } from './temp.ts';

const folder = tempFolders();
const CARD = 'ro,nosuid,nodev,noexec,noatime,nosymfollow';
const DRIVE = 'rw,nosuid,nodev,noexec,noatime';
const OWN = 'uid=990,gid=991,fmask=0133,dmask=0022';

describe('mount options', () => {
  it.each([
    ['card vfat', `${CARD},${OWN},tz=UTC,utf8`],
    ['drive vfat', `${DRIVE},${OWN},tz=UTC,utf8`],
    ['card exfat', `${CARD},${OWN},iocharset=utf8`],
    ['drive exfat', `${DRIVE},${OWN},iocharset=utf8`],
    ['card ntfs3', `${CARD},${OWN},iocharset=utf8`],
    ['drive ntfs3', `${DRIVE},${OWN},iocharset=utf8`],
    ['card ext4', `${CARD},noload`],
    ['drive ext4', `${DRIVE},errors=remount-ro`],
    ['card hfsplus', `${CARD},uid=990,gid=991,umask=0022`],
    ['drive hfsplus', `${DRIVE},uid=990,gid=991,umask=0022`],
  ])('%s', async (of, expected) => {
    expect(evaluate(copyScript({ dir: await folder() }), `options ${of}`)).toBe(`${expected}\n`);
  });

  it('are what mount(8) gets', async () => {
    const machine = machineWith(await folder(), USB, 'ext3');
    await ask(machine, 'mount-card sda1 17');
    const node = `${machine.dir}/dev/sda1`;
    const point = `${machine.dir}/media/imagetank/sda1`;
    expect(machine.calls()).toEqual([`mount -i -n -t ext4 -o ${CARD},noload -- ${node} ${point}`]);
  });
});

const mountSays = (machine: FakeMachine, words: string): void =>
  writeFileSync(join(machine.dir, 'mount-says'), `mount: /x: ${words}\n`);

describe('when mount(8) refuses', () => {
  const BAD = 'wrong fs type, bad option, bad superblock on /dev/sda1, missing codepage or helper program.';
  it.each([
    ['drive', 'vfat', BAD, 'no needs-repair sudo fsck.fat -a /dev/sda1'],
    ['drive', 'exfat', BAD, 'no needs-repair sudo fsck.exfat -p /dev/sda1'],
    ['drive', 'ntfs', 'anything', 'no needs-repair sudo ntfsfix -d /dev/sda1'],
    [
      'drive',
      'ext4',
      'mount(2) system call failed: Structure needs cleaning.',
      'no needs-repair sudo e2fsck -fy /dev/sda1',
    ],
    ['drive', 'vfat', 'cannot mount /dev/sda1; it is write-protected.', 'no read-only it is write-protected'],
    ['drive', 'ntfs', "unknown filesystem type 'ntfs3'.", 'no not-allowed this system cannot read ntfs'],
    ['card', 'exfat', "unknown filesystem type 'exfat'.", 'no not-allowed this system cannot read exfat'],
    [
      'card',
      'vfat',
      '/dev/sda1 already mounted or mount point busy.',
      'no busy mount: /x: /dev/sda1 already mounted or mount point busy.',
    ],
    ['card', 'vfat', BAD, `no failed mount: /x: ${BAD}`],
    ['card', 'vfat', 'two\nlines \x1b[31m', 'no failed mount: /x: two lines  [31m'],
  ])('%s %s: %s', async (as, fileSystem, words, expected) => {
    const machine = machineWith(await folder(), USB, fileSystem);
    mountSays(machine, words);
    expect(await ask(machine, `mount-${as} sda1 17`)).toBe(expected);
    expect(existsSync(join(machine.dir, 'media/imagetank/sda1'))).toBe(false);
  });
});

describe('a journal that has to be replayed', () => {
  const UNPLAYED =
    'no failed its journal holds what is not in its place yet: eject it where it was last written, a camera by switching it off';
  /** s_feature_incompat of ext4 (RECOVER is 4), attributes of an HFS+ volume (let go of is 1, journaled is 32). */
  it.each([
    ['card', 'ext4', 1120, 4, UNPLAYED],
    ['card', 'ext3', 1120, 4, UNPLAYED],
    ['card', 'ext4', 1120, 2, 'ok /media/imagetank/sda1'],
    ['card', 'hfsplus', 1030, 32, UNPLAYED],
    ['card', 'hfsplus', 1030, 33, 'ok /media/imagetank/sda1'],
    ['card', 'hfsplus', 1030, 0, 'ok /media/imagetank/sda1'],
    ['card', 'vfat', 1120, 4, 'ok /media/imagetank/sda1'],
    // Of a drive the kernel replays it.
    ['drive', 'ext4', 1120, 4, 'ok /media/imagetank/sda1'],
  ])('%s %s, byte %i is %i', async (as, fileSystem, at, value, expected) => {
    const machine = machineWith(await folder(), USB, fileSystem);
    edit(join(machine.dir, 'dev/sda1'), (bytes) => void bytes.writeUInt8(value, at));
    expect(await ask(machine, `mount-${as} sda1 17`)).toBe(expected);
    expect(machine.mode('sda1') === null).toBe(expected === UNPLAYED);
  });
});

describe('a drive', () => {
  it('with its lock on is read-only, and nothing is tried', async () => {
    const machine = machineWith(await folder(), { ...USB, readOnly: true });
    expect(await ask(machine, 'mount-drive sda1 17')).toBe('no read-only it is write-protected');
    expect(machine.calls()).toEqual([]);
  });

  it('that comes out read-only all the same is let go of', async () => {
    const machine = machineWith(await folder());
    writeFileSync(join(machine.dir, 'comes-out-read-only'), '');
    expect(await ask(machine, 'mount-drive sda1 17')).toBe('no needs-repair sudo fsck.fat -a /dev/sda1');
    expect(machine.mode('sda1')).toBeNull();
  });

  it('with owners gets its three folders', async () => {
    const machine = machineWith(await folder(), USB, 'ext4');
    expect(await ask(machine, 'mount-drive sda1 17')).toBe('ok /media/imagetank/sda1');
    const made = ['.imagetank', 'Photos', 'Other'].map((name) =>
      join(machine.dir, 'media/imagetank/sda1', name),
    );
    expect(made.map((path) => existsSync(path))).toEqual([true, true, true]);
  });

  it('without owners does not', async () => {
    const machine = machineWith(await folder(), USB, 'exfat');
    await ask(machine, 'mount-drive sda1 17');
    expect(existsSync(join(machine.dir, 'media/imagetank/sda1/Photos'))).toBe(false);
  });
});

describe('what somebody else mounted', () => {
  it.each([
    ['a card is used where it is', 'card', 'ro', 'ok /media/somebody/MY CARD'],
    ['a drive is, too', 'drive', 'rw', 'ok /media/somebody/MY CARD'],
    [
      'not as a drive when it is read-only',
      'drive',
      'ro',
      'no busy mounted read-only at /media/somebody/MY CARD',
    ],
  ])('%s', async (_, as, mode, expected) => {
    const machine = machineWith(await folder());
    const point = `${machine.dir}/media/somebody/MY\\040CARD`;
    machine.mounted(`40 1 8:1 / ${point} ${mode} shared:1 - vfat /dev/sda1 ${mode},uid=1000`);
    expect(await ask(machine, `mount-${as} sda1 17`)).toBe(expected);
    expect(await ask(machine, 'unmount sda1 17')).toBe(
      'no busy mounted at /media/somebody/MY CARD by somebody else',
    );
    expect(machine.calls()).toEqual([]);
  });

  it('is not rw when only the mount says so and the file system does not', async () => {
    const machine = machineWith(await folder());
    machine.mounted(`40 1 8:1 / ${machine.dir}/media/x rw shared:1 - vfat /dev/sda1 ro,uid=1000`);
    expect(await ask(machine, 'mount-drive sda1 17')).toBe('no busy mounted read-only at /media/x');
  });

  it('under a name of two lines is left alone', async () => {
    const machine = machineWith(await folder());
    machine.mounted(`40 1 8:1 / ${machine.dir}/media/a\\012ok rw - vfat /dev/sda1 rw`);
    expect(await ask(machine, 'mount-card sda1 17')).toBe('no busy mounted under a name with a newline');
  });

  it('in part only does not count', async () => {
    const machine = machineWith(await folder());
    machine.mounted(`40 1 8:1 /DCIM ${machine.dir}/media/x ro - vfat /dev/sda1 ro`);
    expect(await ask(machine, 'mount-card sda1 17')).toBe('ok /media/imagetank/sda1');
  });
});

it('the folder of all mount points may not be a link', async () => {
  const machine = machineWith(await folder());
  mkdirSync(join(machine.dir, 'elsewhere'));
  symlinkSync(join(machine.dir, 'elsewhere'), join(machine.dir, 'media/imagetank'));
  expect(await ask(machine, 'mount-card sda1 17')).toBe('no failed /media/imagetank is a link');
});

it('nor may a mount point', async () => {
  const machine = machineWith(await folder());
  mkdirSync(join(machine.dir, 'media/imagetank'));
  symlinkSync(machine.dir, join(machine.dir, 'media/imagetank/sda1'));
  expect(await ask(machine, 'mount-card sda1 17')).toBe('no failed /media/imagetank/sda1 is in the way');
});
