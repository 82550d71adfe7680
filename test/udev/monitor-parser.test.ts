import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MonitorParser } from '../../adapters/udev/monitor-parser.ts';
import type { BlockEvent } from '../../services/devices/ports.ts';

/** Recorded: `udevadm monitor --kernel --udev --subsystem-match=block --property` of systemd 252, without a udevd. */
const RECORDED = readFileSync(new URL('udevadm-252.txt', import.meta.url), 'latin1');

/** A card in a USB reader, its second slot emptied, an NVMe partition; as udevadm prints them, some properties left out. */
const CARD = `KERNEL[812.104226] add      /devices/platform/scb/usb1/1-1/1-1.4/1-1.4:1.0/host0/target0:0:0/0:0:0:0/block/sda (block)
ACTION=add
DEVPATH=/devices/platform/scb/usb1/1-1/1-1.4/1-1.4:1.0/host0/target0:0:0/0:0:0:0/block/sda
SUBSYSTEM=block
DEVNAME=/dev/sda
DEVTYPE=disk
DISKSEQ=17
SEQNUM=2201
MAJOR=8
MINOR=0

KERNEL[812.104301] add      /devices/platform/scb/usb1/1-1/1-1.4/1-1.4:1.0/host0/target0:0:0/0:0:0:0/block/sda/sda1 (block)
ACTION=add
DEVPATH=/devices/platform/scb/usb1/1-1/1-1.4/1-1.4:1.0/host0/target0:0:0/0:0:0:0/block/sda/sda1
SUBSYSTEM=block
DEVNAME=/dev/sda1
DEVTYPE=partition
DISKSEQ=17
PARTN=1
SEQNUM=2202
MAJOR=8
MINOR=1

UDEV  [812.351180] add      /devices/platform/scb/usb1/1-1/1-1.4/1-1.4:1.0/host0/target0:0:0/0:0:0:0/block/sda/sda1 (block)
ACTION=add
DEVPATH=/devices/platform/scb/usb1/1-1/1-1.4/1-1.4:1.0/host0/target0:0:0/0:0:0:0/block/sda/sda1
SUBSYSTEM=block
DEVNAME=/dev/sda1
DEVTYPE=partition
SEQNUM=2202
USEC_INITIALIZED=812104800
ID_FS_LABEL=SD=32
ID_FS_TYPE=vfat
DEVLINKS=/dev/disk/by-label/SD32 /dev/disk/by-uuid/3A4F-1B2C
TAGS=:systemd:

KERNEL[833.9] change   /devices/platform/scb/usb1/1-1/1-1.4/1-1.4:1.0/host0/target0:0:0/0:0:0:1/block/sdb (block)
ACTION=change
DEVPATH=/devices/platform/scb/usb1/1-1/1-1.4/1-1.4:1.0/host0/target0:0:0/0:0:0:1/block/sdb
SUBSYSTEM=block
DISK_MEDIA_CHANGE=1
DEVNAME=/dev/sdb
DEVTYPE=disk
SEQNUM=2203

KERNEL[834.0] remove   /devices/platform/axi/1000110000.pcie/0001:01:00.0/nvme/nvme0/nvme0n1/nvme0n1p1 (block)
ACTION=remove
DEVPATH=/devices/platform/axi/1000110000.pcie/0001:01:00.0/nvme/nvme0/nvme0n1/nvme0n1p1
SUBSYSTEM=block
DEVTYPE=partition
SEQNUM=2204

KERNEL[834.1] bind     /devices/virtual/block/dm-0 (block)
ACTION=bind
DEVPATH=/devices/virtual/block/dm-0
DEVTYPE=disk
SEQNUM=2205

`;

const CARD_EVENTS: readonly BlockEvent[] = [
  { source: 'kernel', action: 'add', disk: 'sda', sequence: 2201, mediumChanged: false },
  { source: 'kernel', action: 'add', disk: 'sda', sequence: 2202, mediumChanged: false },
  { source: 'udev', action: 'add', disk: 'sda', sequence: 2202, mediumChanged: false },
  { source: 'kernel', action: 'change', disk: 'sdb', sequence: 2203, mediumChanged: true },
  { source: 'kernel', action: 'remove', disk: 'nvme0n1', sequence: 2204, mediumChanged: false },
  { source: 'kernel', action: 'other', disk: 'dm-0', sequence: 2205, mediumChanged: false },
];

const parse = (...pieces: readonly string[]): readonly BlockEvent[] => {
  const parser = new MonitorParser();
  return pieces.flatMap((piece) => parser.push(piece));
};

describe('the monitor of udevadm', () => {
  it('is understood as it was recorded', () => {
    const loop = { source: 'kernel', action: 'change', disk: 'loop0', mediumChanged: false };
    expect(parse(RECORDED)).toEqual([
      { ...loop, sequence: 3383 },
      { ...loop, sequence: 3384 },
      { ...loop, sequence: 3385 },
      { ...loop, sequence: 3386, mediumChanged: true },
    ]);
  });

  it('tells of disks by their kernel name, for their partitions too', () => {
    expect(parse(CARD)).toEqual(CARD_EVENTS);
  });

  it('is understood wherever the pieces end', () => {
    for (let at = 0; at <= CARD.length; at += 1) {
      expect(parse(CARD.slice(0, at), CARD.slice(at))).toEqual(CARD_EVENTS);
    }
    expect(parse(...CARD)).toEqual(CARD_EVENTS);
  });

  it('tells of an event as soon as it is complete, not when the next one begins', () => {
    const parser = new MonitorParser();
    const end = CARD.indexOf('\n\n') + 1;
    expect(parser.push(CARD.slice(0, end))).toEqual([]);
    expect(parser.push('\n')).toEqual(CARD_EVENTS.slice(0, 1));
  });

  const event = (...properties: readonly string[]) =>
    `KERNEL[1.0] add /x (block)\n${properties.join('\n')}\n\n`;

  it.each([
    ['no number', event('ACTION=add', 'DEVPATH=/devices/virtual/block/sda', 'DEVTYPE=disk')],
    ['no path', event('ACTION=add', 'DEVTYPE=disk', 'SEQNUM=1')],
    ['an empty path', event('ACTION=add', 'DEVPATH=', 'DEVTYPE=disk', 'SEQNUM=1')],
    ['a strange number', event('ACTION=add', 'DEVPATH=/block/sda', 'DEVTYPE=disk', 'SEQNUM=1x')],
    ['no header', 'ACTION=add\nDEVPATH=/block/sda\nDEVTYPE=disk\nSEQNUM=1\n\n'],
    ['another header', 'OTHER[1.0] add /x (block)\nDEVPATH=/block/sda\nDEVTYPE=disk\nSEQNUM=1\n\n'],
  ])('passes over what it does not understand: %s', (_, text) => {
    expect(parse(text, CARD)).toEqual(CARD_EVENTS);
  });

  it('takes nothing of an event that was cut off over to the next', () => {
    const cut = 'KERNEL[1.0] change /x (block)\nDISK_MEDIA_CHANGE=1\n';
    expect(parse(cut, CARD)).toEqual(CARD_EVENTS);
  });

  it('passes over lines that never end, and keeps none of them', () => {
    const long = `LONG=${'x'.repeat(5_000)}`;
    expect(parse(CARD.replace('SUBSYSTEM=block', long))).toEqual(CARD_EVENTS);
    const parser = new MonitorParser();
    // As a property it would be read: its beginning says so.
    parser.push('KERNEL[1.0] add /x (block)\nDEVTYPE=disk\nSEQNUM=1\nDEVPATH=/block/x');
    for (let i = 0; i < 100; i += 1) parser.push('x'.repeat(1_000));
    expect(parser.push('\n\n')).toEqual([]);
    expect(parser.push(CARD)).toEqual(CARD_EVENTS);
  });
});
