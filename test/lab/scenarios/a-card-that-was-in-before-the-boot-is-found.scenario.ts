import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { assertNotMounted, assertOnDrive, assertSafe, isGreenOver } from '../box.ts';
import { photos, sha256 } from '../images/photos.ts';
import type { Lab } from '../lab.ts';
import { Eyes } from '../vm/eyes.ts';

const FILES = photos(4, 200_000);

export default async function scenario(lab: Lab): Promise<void> {
  const card = await lab.disk({ fileSystem: 'vfat', label: 'EOS_DIGITAL', sizeMb: 64, files: FILES });
  const drive = await lab.disk({ fileSystem: 'ext4', label: 'BACKUP', sizeMb: 64, signature: 0xd71fe });
  const before = sha256(readFileSync(card));
  const machine = await lab.machine('installed');
  const { guest, usb, board } = machine;
  await board.bindKernelDrivers();
  await usb.plug('drive', { image: drive });
  await usb.plug('card', { image: card });
  await machine.volume('BACKUP');
  await machine.volume('EOS_DIGITAL');
  await guest.sh('udevadm settle');

  // No event will ever tell of them: they are there, and stay.
  const eyes = await Eyes.open(guest);
  const imagetank = await machine.startImagetank('drives = ["BACKUP"]\n');
  await imagetank.until('green over the card', isGreenOver(1));
  await lab.eventually('the light is green', async () => eyes.seeGreen);
  const greens = eyes.sights.flatMap(({ green }, at) => (green ? [at] : []));
  const copying = eyes.sights.findIndex(({ incoming }) => incoming);
  assert.ok(copying >= 0 && greens.every((at) => at > copying), 'never green before it was copied');
  await assertNotMounted(machine);
  await assertOnDrive(machine, FILES);
  await assertSafe(imagetank, 'EOS_DIGITAL');
  await usb.pull('card');
  assert.equal(sha256(readFileSync(card)), before);
}
