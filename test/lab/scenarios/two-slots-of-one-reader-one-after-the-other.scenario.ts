import assert from 'node:assert/strict';
import { assertNotMounted, assertOnDrive, boxWithDrive, isGreenOver } from '../box.ts';
import { photos } from '../images/photos.ts';
import type { Lab } from '../lab.ts';
import { Eyes } from '../vm/eyes.ts';

const FIRST = photos(3, 200_000, { seed: 'first' });
const SECOND = photos(3, 200_000, { seed: 'second' });
const THIRD = photos(3, 200_000, { seed: 'third' });

/** The names on all three are the same, and so is the device of the first two: only the cards are others. */
export default async function scenario(lab: Lab): Promise<void> {
  const disk = (label: string, signature: number, files = FIRST) =>
    lab.disk({ fileSystem: 'vfat', label, sizeMb: 48, signature, files });
  const first = await disk('FIRST', 0xca4d0001);
  const second = await disk('SECOND', 0xca4d0002, SECOND);
  const third = await disk('THIRD', 0xca4d0003, THIRD);
  const { machine, imagetank } = await boxWithDrive(lab);
  const { guest, usb } = machine;
  const reader = await usb.plugReader('reader');
  const eyes = await Eyes.open(guest);

  await reader.insert(0, { image: first });
  await imagetank.until('green over the first', isGreenOver(1));
  const name = await guest.sh('readlink -f /dev/disk/by-label/FIRST');
  await assertOnDrive(machine, FIRST);

  // Swapped at once: the reader stays plugged, the kernel's name stays.
  await reader.eject(0);
  await reader.insert(0, { image: second });
  await imagetank.until(
    'sees the second',
    ({ cards }) => cards.map(({ label }) => label).join() === 'SECOND',
  );
  assert.equal(await guest.sh('readlink -f /dev/disk/by-label/SECOND'), name);
  await imagetank.until('green over the second', isGreenOver(1));
  await assertOnDrive(machine, FIRST, SECOND);

  await reader.insert(1, { image: third });
  const { cards, backups } = await imagetank.until('green over both', isGreenOver(2));
  assert.deepEqual(cards.map(({ label }) => label).sort(), ['SECOND', 'THIRD']);
  assert.deepEqual(
    backups.map(({ outcome }) => outcome),
    ['done', 'done', 'done'],
  );
  await assertOnDrive(machine, FIRST, SECOND, THIRD);

  await reader.eject(1);
  await imagetank.until(
    'the other stays',
    (status) => status.cards.length === 1 && status.signal === 'ready',
  );
  await reader.eject(0);
  await imagetank.until('no card', (status) => status.cards.length === 0 && status.signal === 'ready');
  await lab.eventually('green', async () => eyes.seeGreen);
  await assertNotMounted(machine);
  assert.deepEqual(
    eyes.sights.filter((sight) => sight.green && sight.cards.length > 0),
    [],
    'never green over a mounted card',
  );
}
