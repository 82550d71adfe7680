import { describe, expect, it } from 'vitest';
import { BlockTable } from '../../adapters/mounts/block-table.ts';
import { bottomsOf, type Disk, partsOf } from '../../adapters/mounts/disk.ts';
import { clean } from '../../adapters/mounts/hardware.ts';
import { Media } from '../../adapters/mounts/media.ts';
import { sysFiles } from '../../adapters/mounts/sys-files.ts';
import { FakeMachine } from './fake-machine.ts';
import { cardA, cardB, EMPTY_SLOT, PI_CARD, PI5_NVME, USB_DRIVE, VAULT } from './machines.ts';
import { withTemp } from './temp.ts';

const PI4 = [PI_CARD, cardA(17), cardB(18), USB_DRIVE, ...VAULT];

const read = (machine: FakeMachine) => new BlockTable(machine.files).read('full');
const byName = (disks: readonly Disk[], name: string) => disks.find((disk) => disk.name === name);
const keys = (disks: readonly Disk[]) => disks.flatMap(partsOf).map((part) => part.key);

describe('the disks of a Pi 4', () => {
  it('are listed with their partitions, each under a key of its medium', async () => {
    expect(keys(await read(new FakeMachine(...PI4)))).toEqual([
      'dm-0#9',
      'mmcblk0p1#1',
      'mmcblk0p2#1',
      'sda1#17',
      'sdb1#18',
      'sdc1#5',
      'sdc2#5',
      'sdd1#8',
    ]);
  });

  it('know their bus and port, and whether they can be pulled', async () => {
    const disks = await read(new FakeMachine(...PI4));
    const brief = disks.map(({ name, removable, hardware: { bus, port } }) => [name, removable, bus, port]);
    expect(brief).toEqual([
      ['dm-0', false, null, null],
      ['mmcblk0', true, 'mmc', 'mmc0'],
      ['sda', true, 'usb', '1-1.4'],
      ['sdb', true, 'usb', '1-1.4'],
      ['sdc', true, 'usb', '2-1'],
      ['sdd', true, 'usb', '2-2'],
    ]);
  });

  it('say who made them, in one line without blanks around it', async () => {
    const disks = await read(new FakeMachine(...PI4));
    expect(byName(disks, 'sda')?.hardware).toMatchObject({
      vendor: 'Generic-',
      product: 'USB3.0 CRW -SD',
      serial: '000000001532',
    });
    expect(byName(disks, 'mmcblk0')?.hardware).toMatchObject({
      vendor: null,
      product: 'SC32G',
      serial: '0x1d0c4a5e',
    });
    expect(clean(`A\u001b[31m\n\u202e${'x'.repeat(200)}`)).toBe(`A [31m ${'x'.repeat(121)}`);
    expect(clean(' \t')).toBeNull();
  });

  it('take the names of the USB device where the disk has none', async () => {
    const machine = new FakeMachine(cardA(1, { device: {} }));
    expect((await read(machine))[0]?.hardware).toMatchObject({
      vendor: 'Generic',
      product: 'USB3.0 Card Reader',
    });
  });

  it('stand on others when they are stacked', async () => {
    const disks = await read(new FakeMachine(...PI4));
    const vault = byName(disks, 'dm-0');
    expect(vault?.path).toBe('/dev/mapper/vault');
    expect(bottomsOf(disks, vault!).map((disk) => disk.name)).toEqual(['sdd']);
    expect(byName(disks, 'sdd')?.partitions).toMatchObject([{ holders: ['dm-0'] }]);
  });

  it('are the same read from a real tree of files', async () => {
    await withTemp(async (dir) => {
      const machine = new FakeMachine(...PI4);
      await machine.writeTo(dir);
      const real = await new BlockTable(sysFiles(dir)).read('full');
      // The numbers of inodes are another machine's.
      const plain = (disks: readonly Disk[]) =>
        JSON.stringify(disks, (name, value) => (name === 'inode' ? 0 : value));
      expect(plain(real)).toBe(plain(await read(machine)));
    });
  });
});

describe('other disks', () => {
  it('of a Pi 5: NVMe, which stays in', async () => {
    const [nvme] = await read(new FakeMachine(PI5_NVME));
    expect(nvme).toMatchObject({
      removable: false,
      partitions: [{ name: 'nvme0n1p1' }, { name: 'nvme0n1p2' }],
      hardware: { bus: 'nvme', port: '0001:01:00.0', product: 'WD_BLACK SN770M' },
    });
    const [multipath] = await read(
      new FakeMachine({ ...PI5_NVME, at: 'virtual/nvme-subsystem/nvme-subsys0' }),
    );
    expect(multipath?.hardware).toMatchObject({ bus: 'nvme', port: null });
  });

  it.each([
    ['pci0000:00/0000:00:1f.2/ata3/host2/target2:0:0/2:0:0:0/block', 'ata', 'ata3', false],
    ['pci0000:00/0000:00:02.0/virtio1/block', 'virtio', 'virtio1', false],
    ['pci0000:00/0000:00:01.0/fw1/host2/target2:0:0/2:0:0:0/block', 'firewire', 'fw1', true],
    ['virtual/block', null, null, false],
  ])('at %s: %s %s', async (at, bus, port, removable) => {
    const [disk] = await read(new FakeMachine({ ...USB_DRIVE, at }));
    expect(disk).toMatchObject({ removable, hardware: { bus, port } });
  });

  it('that say of themselves that they can be pulled', async () => {
    const at = 'pci0000:00/0000:00:1f.2/ata3/host2/target2:0:0/2:0:0:0/block';
    const [disk] = await read(new FakeMachine({ ...USB_DRIVE, at, removable: true }));
    expect(disk?.removable).toBe(true);
  });

  it('soldered flash cannot be pulled, a card in the same controller can', async () => {
    const [emmc] = await read(new FakeMachine({ ...PI_CARD, device: { type: 'MMC' } }));
    expect(emmc?.removable).toBe(false);
  });

  it('that are no disks: memory, optical, floppy, the boot areas of flash', async () => {
    const names = ['ram0', 'zram0', 'sr0', 'fd0', 'mtdblock0', 'mmcblk0boot0', 'mmcblk0rpmb'];
    expect(await read(new FakeMachine(...names.map((name) => ({ ...cardA(1), name }))))).toEqual([]);
  });

  it('empty slots are none', async () => {
    const machine = new FakeMachine(cardA(1, EMPTY_SLOT));
    const asked: string[] = [];
    const text = async (path: string) => {
      asked.push(path);
      return machine.files.text(path);
    };
    expect(await new BlockTable({ ...machine.files, text }).read('full')).toEqual([]);
    expect(asked).toEqual(['/proc/partitions', '/sys/class/block/sda/size']);
  });

  it('without a partition table are a volume themselves', async () => {
    const [disk] = await read(new FakeMachine(cardA(4, { partitions: [], fstype: 'exfat' })));
    expect(partsOf(disk!)).toMatchObject([{ key: 'sda#4', node: { partition: null, path: '/dev/sda' } }]);
  });

  it('are none where there is no sysfs', async () => {
    await withTemp(async (dir) => {
      expect(await new BlockTable(sysFiles(dir)).read('full')).toEqual([]);
    });
  });

  it('that vanish while they are read are passed over', async () => {
    const machine = new FakeMachine(cardA(1), cardB(2));
    const gone = async (path: string) =>
      path.startsWith('/sys/class/block/sda/') ? null : machine.files.text(path);
    const table = new BlockTable({ ...machine.files, text: gone });
    expect(keys(await table.read('full'))).toEqual(['sdb1#2']);
    const half = async (path: string) => (path.endsWith('/sda1/dev') ? null : machine.files.text(path));
    expect(keys(await new BlockTable({ ...machine.files, text: half }).read('full'))).toContain('sda#1');
  });
});

describe('another medium has another key', () => {
  it('by the sequence number of the disk', async () => {
    const machine = new FakeMachine(cardA(17));
    const table = new BlockTable(machine.files);
    expect(keys(await table.read('full'))).toEqual(['sda1#17']);
    machine.put(cardA(18));
    expect(keys(await table.read('quick'))).toEqual(['sda1#18']);
  });

  /** Before Linux 5.15. */
  const old = (more = {}) =>
    ({ ...cardA(0, more), diskseq: undefined }) as unknown as ReturnType<typeof cardA>;
  const bare = (more = {}) => old({ partitions: [], ...more });
  const keysOf = async (table: BlockTable) => keys(await table.read('full'));

  it('on an old kernel when it was pulled and plugged, or its partitions were read anew', async () => {
    const machine = new FakeMachine(old());
    const table = new BlockTable(machine.files);
    const first = await keysOf(table);
    expect(await keysOf(table)).toEqual(first);
    machine.put(old());
    const second = await keysOf(table);
    expect(second).not.toEqual(first);
    machine.pull('sda');
    machine.put(old());
    expect(await keysOf(table)).not.toEqual(second);
  });

  it('on an old kernel does not count on when the disk was away', async () => {
    const machine = new FakeMachine(bare());
    const table = new BlockTable({ ...machine.files, inode: async () => null });
    expect(await keysOf(table)).toEqual(['sda#i0.0']);
    machine.put(bare({ sectors: 3_000_000 }));
    expect(await keysOf(table)).toEqual(['sda#i0.1']);
    machine.pull('sda');
    await table.read('full');
    machine.put(bare());
    expect(await keysOf(table)).toEqual(['sda#i0.0']);
  });

  it('on an old kernel when the slot was empty, the size is another, or the kernel said so', async () => {
    const machine = new FakeMachine(bare());
    const table = new BlockTable(machine.files);
    const seen = [...(await keysOf(table))];
    machine.put(bare({ sectors: 0 }));
    await table.read('full');
    machine.put(bare());
    seen.push(...(await keysOf(table)));
    machine.put(bare({ sectors: 3_000_000 }));
    seen.push(...(await keysOf(table)));
    table.mediumChanged('sda');
    seen.push(...(await keysOf(table)));
    expect(new Set(seen).size).toBe(4);
    table.mediumChanged('sdz');
    expect(await keysOf(table)).toEqual(seen.slice(-1));
  });
});

it('numbers of media are forgotten with the disk', () => {
  const media = new Media();
  const disk = { name: 'sda', inode: 7 };
  media.see('sda', 1);
  media.see('sda', 2);
  media.keepOnly(new Set(['sda']));
  expect(media.numberOf(disk, [])).toBe('i7.1');
  media.keepOnly(new Set());
  media.see('sda', 1);
  expect(media.numberOf(disk, [])).toBe('i7.0');
});

describe('a quick reading', () => {
  it('gives the same array while nothing changes, and looks at no disk', async () => {
    const machine = new FakeMachine(...PI4);
    const read: string[] = [];
    const text = async (path: string) => {
      read.push(path);
      return machine.files.text(path);
    };
    const table = new BlockTable({ ...machine.files, text });
    const first = await table.read('quick');
    read.length = 0;
    expect(await table.read('quick')).toBe(first);
    expect(read).toEqual([
      '/proc/partitions',
      ...['mmcblk0', 'sda', 'sdb', 'sdc', 'sdd'].map((name) => `/sys/class/block/${name}/diskseq`),
    ]);
    expect(await table.read('full')).toBe(first);
  });

  it('finds what came and went', async () => {
    const machine = new FakeMachine(cardA(1));
    const table = new BlockTable(machine.files);
    await table.read('quick');
    machine.put(cardB(2));
    expect(keys(await table.read('quick'))).toEqual(['sda1#1', 'sdb1#2']);
    machine.pull('sda');
    expect(keys(await table.read('quick'))).toEqual(['sdb1#2']);
  });

  it('looks at everything now and then: a lock switch changes no size', async () => {
    const machine = new FakeMachine(cardA(1));
    const table = new BlockTable(machine.files);
    await table.read('full');
    machine.put(cardA(1, { ro: true }));
    let readings = 0;
    while ((await table.read('quick'))[0]?.readOnly === false && readings < 100) readings += 1;
    expect(readings).toBe(29);
  });

  it('never replaces a newer one', async () => {
    const machine = new FakeMachine(cardA(1));
    let release = () => {};
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isFirst = true;
    const names = async (folder: string) => {
      const found = await machine.files.names(folder);
      if (isFirst && folder === '/sys/class/block') {
        isFirst = false;
        await slow;
      }
      return found;
    };
    const table = new BlockTable({ ...machine.files, names });
    const older = table.read('full');
    for (let i = 0; i < 50; i += 1) await Promise.resolve();
    machine.put(cardB(2));
    const newer = table.read('full');
    release();
    await older;
    await newer;
    expect(keys(await table.read('quick'))).toEqual(['sda1#1', 'sdb1#2']);
  });
});

it('udev is known by its files', async () => {
  const machine = new FakeMachine();
  const table = new BlockTable(machine.files);
  expect(await table.udev()).toEqual({ running: true, busy: false });
  machine.udev = 'busy';
  expect(await table.udev()).toEqual({ running: true, busy: true });
  machine.udev = 'none';
  expect(await table.udev()).toEqual({ running: false, busy: false });
});

it('this machine has a disk, on which the system stands', async () => {
  const disks = await new BlockTable().read('full');
  for (const disk of disks) expect(disk.device).toMatch(/^\d+:\d+$/);
});
