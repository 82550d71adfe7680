import type { SysFiles } from './sys-files.ts';

/** What sysfs tells of the device behind a disk. */
export interface DiskHardware {
  readonly bus: string | null;
  readonly port: string | null;
  readonly vendor: string | null;
  readonly product: string | null;
  readonly serial: string | null;
  /** It can be pulled, whatever its `removable` attribute says. */
  readonly pluggable: boolean;
}

/** Buses as folders of a device's path, the nearest to the disk first. The group is the port. */
const BUSES: readonly (readonly [bus: string, folder: RegExp])[] = [
  ['usb', /^(\d+-\d+(?:\.\d+)*)$/],
  ['mmc', /^(mmc\d+)$/],
  ['firewire', /^(fw\d+)$/],
  ['ata', /^(ata\d+)$/],
  ['virtio', /^(virtio\d+)$/],
];
const PCI_ADDRESS = /^[\da-f]{4,}:[\da-f]{2}:[\da-f]{2}\.[\da-f]$/;

/** `path` of the disk below `/sys/devices`, as its link in `/sys/class/block` says. */
export async function hardwareOf(files: SysFiles, path: string): Promise<DiskHardware> {
  const { bus, port, folder } = placeOf(path);
  const device = (name: string) => files.text(`${path}/device/${name}`);
  const isUsb = bus === 'usb' && folder !== null;
  const usb = async (name: string) => (isUsb ? files.text(`${folder}/${name}`) : null);
  return {
    bus,
    port,
    vendor: clean((await device('vendor')) ?? (await usb('manufacturer'))),
    product: clean((await device('model')) ?? (await device('name')) ?? (await usb('product'))),
    serial: clean((await usb('serial')) ?? (await device('serial'))),
    // mmc: a soldered eMMC says MMC, a card says SD. Neither has `removable` set.
    pluggable: bus === 'usb' || bus === 'firewire' || (bus === 'mmc' && (await device('type')) !== 'MMC'),
  };
}

function placeOf(path: string): { bus: string | null; port: string | null; folder: string | null } {
  const folders = path.split('/');
  for (let i = folders.length - 1; i > 0; i -= 1) {
    for (const [bus, pattern] of BUSES) {
      const port = pattern.exec(folders[i] ?? '')?.[1];
      if (port !== undefined) return { bus, port, folder: folders.slice(0, i + 1).join('/') };
    }
  }
  // With native multipath the disk is a virtual one of its subsystem, which names no slot.
  const nvme = folders.findIndex((name) => name === 'nvme' || name === 'nvme-subsystem');
  if (nvme < 0) return { bus: null, port: null, folder: null };
  return {
    bus: 'nvme',
    port: folders.slice(0, nvme).findLast((name) => PCI_ADDRESS.test(name)) ?? null,
    folder: null,
  };
}

const LONGEST_NAME = 128;

/** A device says of itself what it likes: no control characters, not too long. */
export function clean(text: string | null | undefined): string | null {
  const plain = (text ?? '').replace(/[\p{C}\u2028\u2029]/gu, ' ').replace(/\s+/g, ' ');
  return plain.trim().slice(0, LONGEST_NAME) || null;
}
