/** What most stories begin with and end on. */
import assert from 'node:assert/strict';
import type { Files } from './images/disk.ts';
import { sha256 } from './images/photos.ts';
import type { Lab } from './lab.ts';
import type { Machine } from './machine.ts';
import type { Imagetank, Status } from './vm/imagetank.ts';

export interface Box {
  readonly machine: Machine;
  readonly imagetank: Imagetank;
  /** Image of the adopted drive, plugged as `drive` in a way that lets it be slowed down. */
  readonly drive: string;
}

/** A running box with kernel LEDs and an ext4 drive that it has adopted; its light is green. */
export async function boxWithDrive(lab: Lab, { sizeMb = 128 } = {}): Promise<Box> {
  const drive = await lab.disk({ fileSystem: 'ext4', label: 'BACKUP', sizeMb, signature: 0xd71fe });
  const machine = await lab.machine('ready');
  const imagetank = await machine.imagetank();
  await machine.usb.plug('drive', { image: drive, bytesPerSecond: 0 });
  await imagetank.until('shows the drive', ({ cards }) => cards.some(({ label }) => label === 'BACKUP'));
  await imagetank.post('/drives/adopt', { target: 'BACKUP' });
  await imagetank.until('is ready', isReady);
  await lab.eventually('its light is green', () => isGreen(machine));
  return { machine, imagetank, drive };
}

/** The LEDs themselves: green and nothing else. */
export const isGreen = async ({ board }: Machine): Promise<boolean> => (await board.lit()).join() === 'green';

export const isReady = ({ signal }: Status): boolean => signal === 'ready';

/** So many cards are there, all are backed up, and the light says so. */
export const isGreenOver =
  (count: number) =>
  ({ signal, cards, leds }: Status): boolean =>
    signal === 'ready' && leds.green === 'on' && cards.filter(({ backedUp }) => backedUp).length === count;

/** What lies below Photos on the drives, each file once. */
export async function sumsOnDrive({ guest }: Machine): Promise<string[]> {
  const find = 'find /media/imagetank/*/Photos -name ascmhl -prune -o -type f -exec sha256sum {} +';
  const lines = (await guest.sh(find)).split('\n').filter((line) => line !== '');
  return lines.map((line) => line.split(' ')[0] ?? '').sort();
}

export const sumsOf = (...all: readonly Files[]): string[] =>
  all.flatMap((files) => Object.values(files).map(sha256)).sort();

/** The drive holds exactly these files' content. */
export async function assertOnDrive(machine: Machine, ...all: readonly Files[]): Promise<void> {
  assert.deepEqual(await sumsOnDrive(machine), sumsOf(...all));
}

/** `imagetank check` says that every file of the card may be erased. */
export async function assertSafe(imagetank: Imagetank, card: string): Promise<void> {
  const { code, stdout, stderr } = await imagetank.command('check', card);
  assert.equal(code, 0, `imagetank check ${card}: ${stdout}${stderr}`);
}

/** Mounts of a device, or of any card, in the guest and in the daemon's own namespace; a line each. */
async function mountsOf({ guest }: Machine, device?: string): Promise<string> {
  const number = device === undefined ? 'none' : `$(stat -L -c %Hr:%Lr ${device})`;
  const isCard = '$3 == number || ($5 ~ "^/media/imagetank/" && $6 ~ /^ro/)';
  return guest.sh(
    [
      `number=${number}`,
      'for pid in 1 $(systemctl show -P MainPID imagetank.service)',
      `do awk -v number="$number" -v pid=$pid '${isCard} { print pid, $0 }' /proc/$pid/mountinfo; done`,
    ].join('; '),
  );
}

/** Neither the guest nor the daemon has the device mounted, or anything read-only of imagetank's. */
export async function assertNotMounted(machine: Machine, device?: string): Promise<void> {
  assert.equal(await mountsOf(machine, device), '', 'no mount is left');
}

export const isNotMounted = async (machine: Machine, device?: string): Promise<boolean> =>
  (await mountsOf(machine, device)) === '';
