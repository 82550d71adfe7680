/** Disks of real machines. The paths are those of Raspberry Pi OS. */
import type { FakeDisk } from './fake-machine.ts';

const PI4_USB = 'platform/scb/fd500000.pcie/pci0000:00/0000:00:00.0/0000:01:00.0';
const READER = `${PI4_USB}/usb1/1-1/1-1.4`;
const ABOVE = {
  [`${READER}/manufacturer`]: 'Generic',
  [`${READER}/product`]: 'USB3.0 Card Reader',
  [`${READER}/serial`]: '000000001532',
};

/** The system card of a Pi 4. */
export const PI_CARD: FakeDisk = {
  name: 'mmcblk0',
  dev: '179:0',
  at: 'platform/emmc2bus/fe340000.mmc/mmc_host/mmc0/mmc0:aaaa/block',
  diskseq: 1,
  device: { type: 'SD', name: 'SC32G', serial: '0x1d0c4a5e' },
  partitions: [
    { name: 'mmcblk0p1', dev: '179:1', number: 1, label: 'bootfs', uuid: '5DE4-665C', fstype: 'vfat' },
    { name: 'mmcblk0p2', dev: '179:2', number: 2, label: 'rootfs', uuid: '7295bbc3', fstype: 'ext4' },
  ],
};

/** A card in the first slot of a reader with two; `more` says what else it is. */
export const cardA = (diskseq: number, more: Partial<FakeDisk> = {}): FakeDisk => ({
  name: 'sda',
  dev: '8:0',
  at: `${READER}/1-1.4:1.0/host0/target0:0:0/0:0:0:0/block`,
  removable: true,
  diskseq,
  device: { vendor: 'Generic-', model: 'USB3.0 CRW   -SD' },
  above: ABOVE,
  partitions: [{ name: 'sda1', dev: '8:1', number: 1, label: 'SD32', uuid: '3A4F-1B2C', fstype: 'vfat' }],
  ...more,
});

/** The second slot: the same USB device, another logical unit. */
export const cardB = (diskseq: number, more: Partial<FakeDisk> = {}): FakeDisk => ({
  name: 'sdb',
  dev: '8:16',
  at: `${READER}/1-1.4:1.0/host0/target0:0:0/0:0:0:1/block`,
  removable: true,
  diskseq,
  device: { vendor: 'Generic-', model: 'USB3.0 CRW   -SD' },
  above: ABOVE,
  partitions: [{ name: 'sdb1', dev: '8:17', number: 1, label: 'EOS', uuid: '0000-0001', fstype: 'exfat' }],
  ...more,
});

export const EMPTY_SLOT = { sectors: 0, partitions: [] };

/** A USB drive: fixed, as it says, with the EFI partition that macOS makes. */
export const USB_DRIVE: FakeDisk = {
  name: 'sdc',
  dev: '8:32',
  at: `${PI4_USB}/usb2/2-1/2-1:1.0/host1/target1:0:0/1:0:0:0/block`,
  diskseq: 5,
  device: { vendor: 'Samsung ', model: 'PSSD T7' },
  partitions: [
    {
      name: 'sdc1',
      dev: '8:33',
      number: 1,
      label: 'EFI',
      uuid: '67E3-17ED',
      fstype: 'vfat',
      parttype: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
    },
    { name: 'sdc2', dev: '8:34', number: 2, label: 'IMAGETANK', uuid: 'T7-1', fstype: 'ext4' },
  ],
};

/** A Pi 5 that starts from NVMe. */
export const PI5_NVME: FakeDisk = {
  name: 'nvme0n1',
  dev: '259:0',
  at: 'platform/axi/1000110000.pcie/pci0001:00/0001:00:00.0/0001:01:00.0/nvme/nvme0',
  diskseq: 3,
  device: { model: 'WD_BLACK SN770M', serial: '2345' },
  partitions: [
    { name: 'nvme0n1p1', dev: '259:1', number: 1, label: 'bootfs', uuid: 'N-1', fstype: 'vfat' },
    { name: 'nvme0n1p2', dev: '259:2', number: 2, label: 'rootfs', uuid: 'N-2', fstype: 'ext4' },
  ],
};

/** An encrypted drive that somebody opened. */
export const VAULT: readonly FakeDisk[] = [
  {
    name: 'sdd',
    dev: '8:48',
    at: `${PI4_USB}/usb2/2-2/2-2:1.0/host2/target2:0:0/2:0:0:0/block`,
    diskseq: 8,
    partitions: [
      { name: 'sdd1', dev: '8:49', number: 1, fstype: 'crypto_LUKS', uuid: 'L-1', holders: ['dm-0'] },
    ],
  },
  {
    name: 'dm-0',
    dev: '253:0',
    at: 'virtual/block',
    diskseq: 9,
    dm: 'vault',
    label: 'BACKUP',
    uuid: 'V-1',
    fstype: 'btrfs',
    slaves: ['sdd1'],
  },
];

export const PI_MOUNTS = [
  '1 0 179:2 / / rw - ext4 /dev/mmcblk0p2 rw',
  '2 1 179:1 / /boot/firmware rw - vfat /dev/mmcblk0p1 rw',
] as const;
