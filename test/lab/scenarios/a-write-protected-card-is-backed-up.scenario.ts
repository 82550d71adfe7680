import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { assertOnDrive, assertSafe, boxWithDrive, isGreenOver } from '../box.ts';
import { photos, sha256 } from '../images/photos.ts';
import type { Lab } from '../lab.ts';

const LOCKED = photos(3, 200_000, { seed: 'locked' });

export default async function scenario(lab: Lab): Promise<void> {
  const card = await lab.disk({ fileSystem: 'exfat', label: 'LOCKED', sizeMb: 48, files: LOCKED });
  const before = sha256(readFileSync(card));
  const { machine, imagetank } = await boxWithDrive(lab);
  const { guest, usb } = machine;

  await usb.plug('card', { image: card, readOnly: true });
  const volume = await machine.volume('LOCKED');
  assert.equal(await guest.sh(`blockdev --getro ${volume}`), '1');
  await imagetank.until('green over the card', isGreenOver(1));
  await assertOnDrive(machine, LOCKED);
  await assertSafe(imagetank, 'LOCKED');
  await usb.pull('card');
  assert.equal(sha256(readFileSync(card)), before);
}
