/** What the listing says while cards come, go and are changed. The watcher's own part is in `device-watcher.test.ts`. */
import { describe, expect, it } from 'vitest';
import type { DeviceListing } from '../../services/devices/ports.ts';
import { bench } from './device-kit.ts';
import { cardA, cardB, EMPTY_SLOT, PI_CARD, PI_MOUNTS, PI5_NVME, USB_DRIVE, VAULT } from './machines.ts';

const keys = (listing: DeviceListing) => listing.blocks.map((block) => block.key);
const brief = (listing: DeviceListing) => ({
  announced: listing.announced,
  blocks: keys(listing),
  mounts: listing.mounts.map((mount) => [mount.path, mount.block]),
});

describe('at the start', () => {
  it('lists everything that is there, mounted or not', async () => {
    const { machine, start } = bench(PI_CARD, cardA(17), cardB(18, EMPTY_SLOT), USB_DRIVE, ...VAULT);
    machine.mount(
      ...PI_MOUNTS,
      '3 1 0:40 / /media/backup rw - btrfs /dev/mapper/vault rw',
      '4 1 0:50 / /media/ram rw - tmpfs tmpfs rw',
    );
    const listing = await start();
    expect(brief(listing)).toEqual({
      announced: [],
      blocks: ['dm-0#9', 'mmcblk0p1#1', 'mmcblk0p2#1', 'sda1#17', 'sdc2#5'],
      mounts: [
        ['/media/backup', 'dm-0#9'],
        ['/media/ram', null],
      ],
    });
    expect(machine.calls).toEqual(['lsblk']);
  });

  it('says all about a card that nobody mounted', async () => {
    const { start } = bench(cardA(17, { ro: true }));
    expect((await start()).blocks).toEqual([
      {
        key: 'sda1#17',
        label: 'SD32',
        uuid: '3A4F-1B2C',
        fsType: 'vfat',
        sizeBytes: 1_900_000 * 512,
        readOnly: true,
        system: false,
        inUse: false,
        removable: true,
        hardware: {
          node: '/dev/sda1',
          partition: 1,
          bus: 'usb',
          port: '1-1.4',
          vendor: 'Generic-',
          product: 'USB3.0 CRW -SD',
          serial: '000000001532',
        },
      },
    ]);
  });

  it('says all about a mounted one', async () => {
    const { machine, start } = bench(cardA(17));
    machine.mount('5 1 8:1 / /media/sd ro - vfat /dev/sda1 rw');
    const { mounts, blocks } = await start();
    expect(mounts).toEqual([
      {
        mountId: 5,
        block: 'sda1#17',
        path: '/media/sd',
        label: 'SD32',
        uuid: '3A4F-1B2C',
        device: '/dev/sda1',
        sizeBytes: 1_900_000 * 512,
        fsType: 'vfat',
        readOnly: true,
        system: false,
        hardware: blocks[0]?.hardware,
      },
    ]);
  });

  it('announces what udev is still at', async () => {
    const { machine, start } = bench(cardA(17), USB_DRIVE);
    machine.udev = 'busy';
    expect(brief(await start())).toMatchObject({ announced: ['/dev/sda', '/dev/sdc'], blocks: [] });
  });

  it('lists nothing where there is nothing', async () => {
    expect(await bench().start()).toEqual({ announced: [], blocks: [], mounts: [] });
  });
});

describe('volumes', () => {
  it('are on the system disk, or on another', async () => {
    const { machine, start } = bench(PI5_NVME, PI_CARD, ...VAULT);
    machine.mount(
      '1 0 259:2 / / rw - ext4 /dev/nvme0n1p2 rw',
      '2 1 0:40 / /home rw - btrfs /dev/mapper/vault rw',
    );
    const of = async (listing: Promise<DeviceListing>) =>
      (await listing).blocks.map(({ key, system, removable }) => [key, system, removable]);
    expect(await of(start())).toEqual([
      ['dm-0#9', false, true],
      ['mmcblk0p1#1', false, true],
      ['mmcblk0p2#1', false, true],
      ['nvme0n1p1#3', true, false],
      ['nvme0n1p2#3', true, false],
    ]);
  });

  it('of an encrypted disk have the hardware of that disk', async () => {
    const { start } = bench(...VAULT);
    const [vault] = (await start()).blocks;
    expect(vault).toMatchObject({
      hardware: { node: '/dev/mapper/vault', bus: 'usb', port: '2-2' },
      fsType: 'btrfs',
    });
  });

  const partition = (more: object) => ({ partitions: [{ name: 'sda1', dev: '8:1', number: 1, ...more }] });
  it.each([
    [
      'an EFI system partition',
      partition({ parttype: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B', fstype: 'vfat' }),
    ],
    ['an extended partition', partition({ parttype: '0x5' })],
    ['what has the size of an extended partition', partition({ sectors: 2 })],
    ['swap', partition({ fstype: 'swap' })],
    ['a disk that is nothing but swap', { partitions: [], fstype: 'swap' }],
    ['an encrypted partition that is open', partition({ fstype: 'crypto_LUKS', holders: ['dm-7'] })],
  ])('are not: %s', async (_, more) => {
    expect(await bench(cardA(1, more)).start()).toEqual({ announced: [], blocks: [], mounts: [] });
  });

  it.each([
    ['a partition on which nothing is recognised', partition({}), 'sda1#1'],
    ['an empty disk', { partitions: [] }, 'sda#1'],
    ['an encrypted partition that nobody opened', partition({ fstype: 'crypto_LUKS' }), 'sda1#1'],
  ])('are, for nothing may look safe that is not known: %s', async (_, more, key) => {
    const listing = await bench(cardA(1, more)).start();
    expect(keys(listing)).toEqual([key]);
    expect(listing.announced).toEqual([]);
  });

  it('have the bus that lsblk names where the path names none', async () => {
    const { machine, start } = bench(cardA(1, { at: 'virtual/block' }));
    machine.lsblkAnswers.push('{"blockdevices":[{"maj:min":"8:1","fstype":"vfat","tran":"spi"}]}');
    expect((await start()).blocks).toMatchObject([{ hardware: { bus: 'spi' } }]);
  });

  it('know their key and label also in a mount of a kind that is not listed', async () => {
    const { machine, start } = bench(USB_DRIVE);
    machine.mount('5 1 8:33 / /media/efi rw - vfat /dev/sdc1 rw');
    const listing = await start();
    expect(listing.mounts).toMatchObject([{ block: 'sdc1#5', label: 'EFI' }]);
    expect(keys(listing)).toEqual(['sdc2#5']);
  });
});

describe('a card that comes', () => {
  it('is announced when the kernel says so, and listed when udev is done with disk and partitions', async () => {
    const { machine, start, look, lookUp, kernel, udev } = bench();
    await start();
    machine.put(cardA(17));
    const disk = kernel('add', 'sda');
    const partition = kernel('add', 'sda');
    expect(brief(await look())).toEqual({ announced: ['/dev/sda'], blocks: [], mounts: [] });
    expect(machine.calls).toEqual([]);
    udev('add', 'sda', disk);
    await look();
    expect(brief(await lookUp())).toMatchObject({ announced: ['/dev/sda'], blocks: [] });
    udev('add', 'sda', partition);
    expect(brief(await look())).toMatchObject({ announced: ['/dev/sda'], blocks: [] });
    expect(brief(await lookUp())).toEqual({ announced: [], blocks: ['sda1#17'], mounts: [] });
    expect(machine.calls).toEqual(['lsblk']);
  });

  it('may be heard of from udev first', async () => {
    const { machine, start, look, lookUp, kernel, udev } = bench();
    await start();
    machine.put(cardA(17));
    const first = kernel('add', 'sda');
    udev('add', 'sda', first + 1);
    kernel('add', 'sda');
    expect(brief(await look()).announced).toEqual(['/dev/sda']);
    udev('add', 'sda', first);
    await look();
    expect(brief(await lookUp())).toMatchObject({ announced: [], blocks: ['sda1#17'] });
  });

  it('is no news while its slot is empty', async () => {
    const { machine, start, look, kernel } = bench(cardA(1, EMPTY_SLOT));
    await start();
    kernel('change', 'sda', true);
    expect(brief(await look()).announced).toEqual([]);
    machine.put(cardA(2));
    kernel('change', 'sda', true);
    expect(brief(await look()).announced).toEqual(['/dev/sda']);
  });

  it('waits for udev anew, although the empty slot was heard of long ago', async () => {
    const { machine, start, look, lookUp, kernel, now } = bench(cardA(1, EMPTY_SLOT));
    await start();
    kernel('change', 'sda');
    now.ms += 9_900;
    await look();
    machine.put(cardA(2));
    kernel('change', 'sda', true);
    now.ms += 200;
    await look();
    expect(brief(await lookUp())).toMatchObject({ announced: ['/dev/sda'], blocks: [] });
  });

  it('in a disk that stays in is not announced, and listed all the same', async () => {
    const { machine, start, look, lookUp, kernel, udev } = bench();
    await start();
    machine.put(PI5_NVME);
    const number = kernel('add', 'nvme0n1');
    expect(brief(await look())).toMatchObject({ announced: [], blocks: [] });
    udev('add', 'nvme0n1', number);
    await look();
    expect(keys(await lookUp())).toEqual(['nvme0n1p1#3', 'nvme0n1p2#3']);
  });

  it('is listed after 10 s when udev never answers', async () => {
    const { machine, start, look, lookUp, kernel, now, table } = bench();
    await start();
    machine.put(cardA(17));
    kernel('add', 'sda');
    await look();
    now.ms += 9_999;
    await look();
    expect(brief(await lookUp())).toMatchObject({ announced: ['/dev/sda'], blocks: [] });
    expect(table.isWaiting).toBe(true);
    now.ms += 1;
    await look();
    expect(brief(await lookUp())).toMatchObject({ announced: [], blocks: ['sda1#17'] });
    expect(table.isWaiting).toBe(false);
  });

  it.each(['none', 'idle'] as const)('is found without events, udev %s: two equal readings', async (udev) => {
    const { machine, start, look, lookUp, now } = bench();
    machine.udev = udev;
    await start();
    machine.put(cardA(17, { partitions: [] }));
    expect(brief(await look()).announced).toEqual(['/dev/sda']);
    now.ms += 300;
    machine.put(cardA(17));
    await look();
    expect(brief(await lookUp())).toMatchObject({ announced: ['/dev/sda'], blocks: [] });
    now.ms += 299;
    await look();
    expect(brief(await lookUp()).announced).toEqual(['/dev/sda']);
    now.ms += 1;
    await look();
    expect(brief(await lookUp())).toMatchObject({ announced: [], blocks: ['sda1#17'] });
  });

  it('does not settle by equal readings while udev is at work', async () => {
    const { machine, start, look, lookUp, now } = bench();
    await start();
    machine.put(cardA(17));
    machine.udev = 'busy';
    await look();
    now.ms += 5_000;
    await look();
    expect(brief(await lookUp()).announced).toEqual(['/dev/sda']);
    machine.udev = 'idle';
    await look();
    expect(brief(await lookUp())).toMatchObject({ announced: [], blocks: ['sda1#17'] });
  });

  it('settles by equal readings where the kernel speaks and no udev runs', async () => {
    const { machine, start, look, lookUp, now, kernel } = bench();
    machine.udev = 'none';
    await start();
    machine.put(cardA(17));
    kernel('add', 'sda');
    await look();
    now.ms += 300;
    await look();
    expect(brief(await lookUp())).toMatchObject({ announced: [], blocks: ['sda1#17'] });
  });

  it('that was mounted before it settled is not listed as a stranger', async () => {
    const { machine, start, look, lookUp, kernel, udev } = bench();
    await start();
    machine.put(cardA(17));
    machine.mount('5 1 8:1 / /media/sd rw - vfat /dev/sda1 rw');
    const number = kernel('add', 'sda');
    expect((await look()).mounts).toEqual([]);
    udev('add', 'sda', number);
    expect((await look()).mounts).toEqual([]);
    expect((await lookUp()).mounts).toMatchObject([{ uuid: '3A4F-1B2C', block: 'sda1#17' }]);
  });

  it('is two cards in the two slots of one reader', async () => {
    const { start } = bench(cardA(17), cardB(18));
    const listing = await start();
    expect(keys(listing)).toEqual(['sda1#17', 'sdb1#18']);
    expect(new Set(listing.blocks.map((block) => block.hardware.port)).size).toBe(1);
  });

  it('is one card in two streams: its events, a hint and the poll', async () => {
    const { machine, start, look, lookUp, kernel, udev, table } = bench();
    await start();
    machine.put(cardA(17));
    await look();
    table.touch();
    await look();
    const number = kernel('add', 'sda');
    udev('add', 'sda', number);
    await look();
    const listing = await lookUp();
    expect(brief(listing)).toMatchObject({ announced: [], blocks: ['sda1#17'] });
  });
});

describe('a card that is there', () => {
  const mounted = '5 1 8:1 / /media/sd rw - vfat /dev/sda1 rw';

  it('goes at once with its mount', async () => {
    const { machine, start, look, kernel } = bench(cardA(17));
    machine.mount(mounted);
    await start();
    machine.pull('sda');
    kernel('remove', 'sda');
    expect(await look()).toEqual({ announced: [], blocks: [], mounts: [] });
  });

  it('goes at once when its slot is empty', async () => {
    const { machine, start, look, kernel } = bench(cardA(17), cardB(18));
    machine.mount(mounted);
    await start();
    machine.put(cardA(17, EMPTY_SLOT));
    kernel('change', 'sda', true);
    expect(brief(await look())).toEqual({ announced: [], blocks: ['sdb1#18'], mounts: [] });
  });

  it('goes without an event too', async () => {
    const { machine, start, look } = bench(cardA(17));
    await start();
    machine.pull('sda');
    expect(brief(await look()).blocks).toEqual([]);
  });

  it('changed for another of the same size is gone with its mount, and the other is announced', async () => {
    const { machine, start, look, now, lookUp, table } = bench(cardA(17));
    machine.mount(mounted);
    await start();
    expect(await table.isMounted(5)).toBe(true);
    machine.put(cardA(18));
    expect(await table.isMounted(5)).toBe(false);
    expect(await look()).toEqual({ announced: ['/dev/sda'], blocks: [], mounts: [] });
    now.ms += 300;
    await look();
    expect(brief(await lookUp())).toEqual({ announced: [], blocks: ['sda1#18'], mounts: [] });
    machine.mount(mounted, '6 1 8:1 / /media/sd2 rw - vfat /dev/sda1 rw');
    expect((await look()).mounts).toMatchObject([{ mountId: 6, block: 'sda1#18' }]);
  });

  it('stays listed when udev triggers its events again, and is announced meanwhile', async () => {
    const { machine, start, look, lookUp, kernel, udev, now } = bench(cardA(17));
    machine.mount(mounted);
    const before = brief(await start());
    now.ms += 60_000;
    const number = kernel('add', 'sda');
    expect(brief(await look())).toEqual({ ...before, announced: ['/dev/sda'] });
    udev('add', 'sda', number);
    await look();
    expect(brief(await lookUp())).toEqual(before);
  });

  it('is not announced when somebody only wrote to it, but looked into again', async () => {
    const { machine, start, look, lookUp, kernel, table } = bench(cardA(17));
    const before = await start();
    kernel('change', 'sda');
    expect(await look()).toEqual(before);
    expect(table.isIncomplete).toBe(true);
    machine.lsblkAnswers.push('{"blockdevices":[{"maj:min":"8:1","uuid":"NEW","fstype":"exfat"}]}');
    expect((await lookUp()).blocks).toMatchObject([{ key: 'sda1#17', uuid: 'NEW', fsType: 'exfat' }]);
    expect(table.isIncomplete).toBe(false);
  });

  it('is looked into again after an event of udev', async () => {
    const { machine, start, lookUp, look, udev } = bench(cardA(17));
    await start();
    udev('change', 'sda', 7);
    await look();
    await lookUp();
    expect(machine.calls).toEqual(['lsblk', 'lsblk']);
  });

  it('is announced when the kernel says that its medium changed', async () => {
    const { start, look, kernel } = bench(cardA(17));
    await start();
    kernel('change', 'sda', true);
    expect(brief(await look())).toMatchObject({ announced: ['/dev/sda'], blocks: ['sda1#17'] });
  });

  it('is looked into again when it comes back', async () => {
    const { machine, start, look, lookUp } = bench(cardA(17));
    await start();
    machine.pull('sda');
    await look();
    machine.put(cardA(17));
    expect(brief(await look())).toMatchObject({ announced: ['/dev/sda'], blocks: [] });
    expect(brief(await lookUp())).toMatchObject({ announced: ['/dev/sda'], blocks: [] });
  });

  it('is mounted as long as its mount stands and its file system answers', async () => {
    const { machine, start, now, table } = bench(cardA(17));
    machine.mount(mounted);
    await start();
    expect([await table.isMounted(5), await table.isMounted(6)]).toEqual([true, false]);
    now.alive = false;
    expect(await table.isMounted(5)).toBe(false);
    now.alive = true;
    machine.mount();
    expect(await table.isMounted(5)).toBe(false);
  });

  it('may be mounted under a number that another mount had', async () => {
    const { machine, start, look, lookUp, now } = bench(cardA(17));
    machine.mount(mounted);
    await start();
    machine.mount();
    machine.put(cardA(18));
    await look();
    now.ms += 300;
    await look();
    await lookUp();
    machine.mount(mounted);
    expect((await look()).mounts).toMatchObject([{ mountId: 5, block: 'sda1#18' }]);
  });

  it('is read-only in its mount too when its lock switch says so', async () => {
    const { machine, start } = bench(cardA(17, { ro: true }));
    machine.mount(mounted);
    expect((await start()).mounts).toMatchObject([{ readOnly: true }]);
  });

  it('has another key after a change of the medium on a kernel that does not count them', async () => {
    const { diskseq: _, ...old } = cardA(0, { partitions: [] });
    const { start, look, kernel } = bench(old);
    const [before] = keys(await start());
    kernel('change', 'sda', true);
    const listing = await look();
    expect(before).toMatch(/^sda#i/);
    expect(brief(listing)).toMatchObject({ announced: ['/dev/sda'], blocks: [] });
  });

  it('stays what it is when lsblk fails', async () => {
    const { machine, start, lookUp, kernel, look } = bench(cardA(17));
    const before = await start();
    machine.lsblkAnswers.push(null, null);
    kernel('change', 'sda');
    await look();
    expect(await lookUp()).toEqual(before);
  });
});

it('200 cards that come and go leave nothing behind, and cost one lsblk each', async () => {
  const { machine, start, look, lookUp, kernel, udev, table } = bench(cardB(18));
  const before = await start();
  for (let i = 0; i < 200; i += 1) {
    machine.put(cardA(100 + i));
    const number = kernel('add', 'sda');
    expect(brief(await look()).announced).toEqual(['/dev/sda']);
    udev('add', 'sda', number);
    await look();
    expect(keys(await lookUp())).toEqual([`sda1#${100 + i}`, 'sdb1#18']);
    machine.pull('sda');
    udev('remove', 'sda', kernel('remove', 'sda'));
    expect(await look()).toEqual(before);
    expect(table.isWaiting || table.isIncomplete).toBe(false);
  }
  expect(machine.calls).toHaveLength(201);
});

describe('the volume of a place', () => {
  it('is that of its mount, looked into if need be', async () => {
    const { machine, table } = bench(cardA(17));
    machine.mount('5 1 8:1 / /media/sd rw - vfat /dev/sda1 rw');
    const [mount] = await new (await import('../../adapters/mounts/mount-table.ts')).MountTable(
      [],
      machine.readMountinfo,
    ).all();
    const found = await table.volumeOf(mount!, [mount!]);
    expect(found).toMatchObject({ path: '/media/sd', uuid: '3A4F-1B2C', device: '/dev/sda1', system: false });
    expect(Object.keys(found)).not.toContain('block');
    await table.volumeOf(mount!, [mount!]);
    expect(machine.calls).toEqual(['lsblk']);
  });
});
