import { describe, expect, it } from 'vitest';
import { BlockTable } from '../../adapters/mounts/block-table.ts';
import type { Disk } from '../../adapters/mounts/disk.ts';
import { Settling } from '../../adapters/mounts/settling.ts';
import type { BlockEvent } from '../../services/devices/ports.ts';
import { FakeMachine } from './fake-machine.ts';
import { cardA } from './machines.ts';

const diskOf = async (sequence: number): Promise<Disk> => {
  const [disk] = await new BlockTable(new FakeMachine(cardA(sequence)).files).read('full');
  return disk!;
};
const DISK = await diskOf(17);
const IDLE = { running: true, busy: false };

const event = (
  source: BlockEvent['source'],
  sequence: number,
  more: Partial<BlockEvent> = {},
): BlockEvent => ({
  source,
  action: 'add',
  disk: 'sda',
  sequence,
  mediumChanged: false,
  ...more,
});

/** Started with nothing attached; then the card is there. */
function inserted(...events: readonly BlockEvent[]): Settling {
  const settling = new Settling();
  settling.see([], IDLE, 0);
  for (const one of events) settling.hear(one, 0);
  settling.see([DISK], IDLE, 0);
  return settling;
}

// The main stories are told in `device-table.test.ts`; these are the corners.
describe('whether the picture of a disk is settled', () => {
  it('not by an event of udev that repeats nothing of the kernel', () => {
    const settling = inserted(event('kernel', 1));
    settling.hear(event('udev', 99), 0);
    expect(settling.isSettled(DISK)).toBe(false);
    settling.hear(event('udev', 1), 0);
    expect(settling.isSettled(DISK)).toBe(true);
  });

  it('not by an event of udev for a disk of which the kernel said nothing', () => {
    const settling = inserted();
    settling.hear(event('udev', 99), 0);
    expect(settling.isSettled(DISK)).toBe(false);
  });

  it('not before udev repeated a plain change too, that came while it was unknown', () => {
    const settling = inserted(event('kernel', 1), event('kernel', 2, { action: 'change' }));
    settling.hear(event('udev', 1), 0);
    expect(settling.isSettled(DISK)).toBe(false);
    settling.hear(event('udev', 2), 0);
    expect(settling.isSettled(DISK)).toBe(true);
  });

  it('not any more when it was away', () => {
    const settling = inserted(event('kernel', 1));
    settling.hear(event('udev', 1), 0);
    settling.see([], IDLE, 100);
    settling.see([DISK], IDLE, 200);
    expect(settling.isSettled(DISK)).toBe(false);
  });

  it('not for another medium than the one that was seen', async () => {
    const settling = inserted(event('kernel', 1), event('udev', 1));
    expect(settling.isSettled(await diskOf(18))).toBe(false);
  });

  it('of a disk nobody saw or heard of', () => {
    expect(new Settling().isSettled(DISK)).toBe(false);
    expect(new Settling().isStale(DISK)).toBe(false);
    new Settling().refreshed(DISK);
  });

  it('whatever is said of removals and other things', () => {
    const settling = new Settling();
    settling.see([DISK], IDLE, 0);
    settling.hear(event('kernel', 1, { action: 'remove' }), 0);
    settling.hear(event('kernel', 2, { action: 'other' }), 0);
    expect(settling.isSettled(DISK)).toBe(true);
    expect(settling.isStale(DISK)).toBe(false);
  });

  it('after 10 s although events go on and on', () => {
    const settling = inserted(event('kernel', 1));
    for (let ms = 0; ms <= 10_000; ms += 100) {
      settling.hear(event('kernel', 1_000 + ms), ms);
      settling.see([DISK], IDLE, ms);
    }
    expect(settling.isSettled(DISK)).toBe(true);
  });

  it('from anew when another medium comes while the first is still unknown', async () => {
    const settling = inserted(event('kernel', 1));
    const next = await diskOf(18);
    settling.see([next], IDLE, 9_000);
    settling.see([next], IDLE, 18_999);
    expect(settling.isSettled(next)).toBe(false);
    settling.see([next], IDLE, 19_000);
    expect(settling.isSettled(next)).toBe(true);
  });

  it('keeps an event that is newer than the reading', () => {
    const settling = new Settling();
    settling.see([], IDLE, 0);
    settling.hear(event('kernel', 1), 0);
    settling.see([], IDLE, 10);
    settling.see([DISK], IDLE, 20);
    settling.see([DISK], IDLE, 320);
    // Two equal readings alone would have settled it.
    expect(settling.isSettled(DISK)).toBe(false);
  });

  it('waits for nothing that is not there', () => {
    const settling = inserted(event('kernel', 1));
    expect(settling.isWaiting).toBe(true);
    settling.see([], IDLE, 100);
    expect(settling.isWaiting).toBe(false);
  });

  it('asks for a new look into a disk until that was done', () => {
    const settling = inserted(event('kernel', 1));
    expect(settling.isStale(DISK)).toBe(false);
    settling.hear(event('udev', 1), 0);
    expect(settling.isStale(DISK)).toBe(true);
    settling.refreshed(DISK);
    expect(settling.isStale(DISK)).toBe(false);
  });

  it('remembers 256 disks that are not there, no more', () => {
    const settledAfter = (strangers: number): boolean => {
      const settling = new Settling();
      settling.see([], IDLE, 0);
      for (let i = 0; i < strangers; i += 1) settling.hear(event('kernel', i, { disk: `x${i}` }), 0);
      settling.hear(event('kernel', 9_999), 0);
      settling.see([DISK], IDLE, 0);
      settling.see([DISK], IDLE, 300);
      return settling.isSettled(DISK);
    };
    // The event of the card is remembered, and waited for; or it is not, and two equal readings do.
    expect(settledAfter(255)).toBe(false);
    expect(settledAfter(256)).toBe(true);
  });

  it('remembers 256 events of udev that came before those of the kernel, no more', () => {
    const settledAfter = (others: number): boolean => {
      const settling = new Settling();
      settling.see([], IDLE, 0);
      settling.hear(event('udev', 1), 0);
      for (let i = 0; i < others; i += 1) settling.hear(event('udev', 100 + i), 0);
      settling.hear(event('kernel', 1), 0);
      settling.see([DISK], IDLE, 0);
      settling.see([DISK], IDLE, 300);
      return settling.isSettled(DISK);
    };
    expect(settledAfter(255)).toBe(true);
    expect(settledAfter(256)).toBe(false);
  });

  it('waits for 256 events of one disk, no more', () => {
    const settledAfter = (answers: number): boolean => {
      const settling = new Settling();
      settling.see([], IDLE, 0);
      for (let i = 0; i < 300; i += 1) settling.hear(event('kernel', i), 0);
      for (let i = 0; i < answers; i += 1) settling.hear(event('udev', i), 0);
      settling.see([DISK], IDLE, 0);
      return settling.isSettled(DISK);
    };
    expect(settledAfter(255)).toBe(false);
    expect(settledAfter(256)).toBe(true);
  });
});
