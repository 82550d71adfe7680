import type { BlockEvent } from '../../services/devices/ports.ts';
import type { UdevState } from './block-table.ts';
import type { Disk } from './disk.ts';

/** Rules of udev take 50 ms to 2 s on a Pi; a disk that stays silent must not stay unknown for ever. */
export const LONGEST_WAIT_MS = 10_000;
/** Two readings so far apart have to be equal where no event of udev tells that it is done. */
export const EQUAL_AFTER_MS = 300;
const MOST_DISKS = 256;
const MOST_SEQUENCES = 256;

interface Slot {
  readonly medium: string | null;
  readonly sinceMs: number;
  readonly settled: boolean;
  /** What is on it has to be looked up again. */
  readonly stale: boolean;
  /** Events of the kernel that udev has not repeated yet. */
  readonly open: ReadonlySet<number>;
  /** The last reading, and since when it is the same. */
  readonly print: string;
  readonly printAtMs: number;
}

/** Knows of which disks the picture is settled: udev has looked at them, or nothing changes any more. */
export class Settling {
  readonly #slots = new Map<string, Slot>();
  /** Of udev, newest last: it may be read before the kernel's event of the same number. */
  readonly #done = new Set<number>();
  #present: ReadonlySet<string> = new Set();
  #isFirst = true;

  hear(event: BlockEvent, nowMs: number): void {
    if (event.source === 'kernel') this.#hearKernel(event, nowMs);
    else this.#hearUdev(event);
  }

  #hearKernel(event: BlockEvent, nowMs: number): void {
    if (event.action !== 'add' && event.action !== 'change') return;
    const before = this.#slots.get(event.disk);
    if (before === undefined && this.#slots.size >= MOST_DISKS) return;
    const slot = before ?? { ...fresh(null, nowMs), open: new Set<number>() };
    const isNews = event.action === 'add' || event.mediumChanged || !slot.settled;
    // A plain change of a known medium: somebody closed the device after writing to it.
    if (!isNews) {
      this.#slots.set(event.disk, { ...slot, stale: true });
      return;
    }
    const open = new Set(slot.open);
    if (!this.#done.has(event.sequence) && open.size < MOST_SEQUENCES) open.add(event.sequence);
    // An empty slot may have said something long ago.
    const isNew = slot.settled || !this.#present.has(event.disk);
    const sinceMs = isNew ? nowMs : slot.sinceMs;
    this.#slots.set(event.disk, { ...slot, sinceMs, open, settled: false, print: '', printAtMs: nowMs });
  }

  #hearUdev(event: BlockEvent): void {
    this.#done.add(event.sequence);
    for (const oldest of this.#done) {
      if (this.#done.size <= MOST_SEQUENCES) break;
      this.#done.delete(oldest);
    }
    const slot = this.#slots.get(event.disk);
    if (slot === undefined) return;
    const open = new Set(slot.open);
    const wasOpen = open.delete(event.sequence);
    const isDone = slot.settled || (wasOpen && open.size === 0);
    this.#slots.set(event.disk, { ...slot, open, settled: isDone, stale: slot.stale || isDone });
  }

  /** Takes a reading of all disks that have a medium. */
  see(disks: readonly Disk[], udev: UdevState, nowMs: number): void {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    this.#present = new Set(disks.map((disk) => disk.name));
    for (const [name, slot] of this.#slots) {
      // Kept for a while: the event may be newer than the reading.
      const isOver = nowMs - slot.sinceMs >= LONGEST_WAIT_MS || slot.settled;
      if (!this.#present.has(name) && isOver) this.#slots.delete(name);
    }
    for (const disk of disks) {
      const known = this.#slots.get(disk.name);
      // What is there at the start has settled, unless udev is still at it.
      const slot = known ?? { ...fresh(disk.medium, nowMs), settled: isFirst && !udev.busy };
      this.#slots.set(disk.name, read(slot, disk, udev, nowMs));
    }
  }

  isSettled(disk: Disk): boolean {
    const slot = this.#slots.get(disk.name);
    return slot?.settled === true && slot.medium === disk.medium;
  }

  /** True when what is known of it may have changed; until `refreshed`. */
  isStale(disk: Disk): boolean {
    return this.#slots.get(disk.name)?.stale ?? false;
  }

  refreshed(disk: Disk): void {
    const slot = this.#slots.get(disk.name);
    if (slot !== undefined) this.#slots.set(disk.name, { ...slot, stale: false });
  }

  /** Time alone, or another reading, will settle something. */
  get isWaiting(): boolean {
    return [...this.#slots].some(([name, slot]) => !slot.settled && this.#present.has(name));
  }
}

function fresh(medium: string | null, nowMs: number): Slot {
  const open: ReadonlySet<number> = new Set();
  return { medium, sinceMs: nowMs, settled: false, stale: false, open, print: '', printAtMs: nowMs };
}

function read(slot: Slot, disk: Disk, udev: UdevState, nowMs: number): Slot {
  const isOther = slot.medium !== null && slot.medium !== disk.medium;
  const before = isOther ? { ...slot, settled: false, stale: false, sinceMs: nowMs, print: '' } : slot;
  const next = { ...before, medium: disk.medium };
  if (next.settled) return next;
  const print = JSON.stringify(disk);
  const printAtMs = next.print === print ? next.printAtMs : nowMs;
  const isQuiet = nowMs - printAtMs >= EQUAL_AFTER_MS && !udev.busy;
  // Events of the kernel are repeated by udev: then the two readings prove less than that.
  const awaitsUdev = udev.running && next.open.size > 0;
  const isOver = nowMs - next.sinceMs >= LONGEST_WAIT_MS;
  const settled = isOver || (isQuiet && !awaitsUdev);
  const open = settled ? new Set<number>() : next.open;
  return { ...next, print, printAtMs, settled, open, stale: settled };
}
