import assert from 'node:assert/strict';
import { closeSync, openSync, readSync } from 'node:fs';
import { assertSafe, isGreenOver, isReady } from '../box.ts';
import { START_BYTES } from '../images/partition-table.ts';
import { photos } from '../images/photos.ts';
import type { Lab } from '../lab.ts';

const FILES = photos(3, 200_000);

/** VolumeFlags of the boot sector, VolumeDirty (exFAT specification, 3.1.13). */
const VOLUME_FLAGS = START_BYTES + 106;
const DIRTY = 2;

export default async function scenario(lab: Lab): Promise<void> {
  const drive = await lab.disk({ fileSystem: 'exfat', label: 'TRAVEL', sizeMb: 64 });
  const card = await lab.disk({ fileSystem: 'vfat', label: 'EOS_DIGITAL', sizeMb: 64, files: FILES });
  const machine = await lab.machine('ready');
  const { guest, usb } = machine;
  const imagetank = await machine.imagetank();
  await usb.plug('drive', { image: drive });
  await imagetank.until('shows the drive', ({ cards }) => cards.some(({ label }) => label === 'TRAVEL'));
  await imagetank.post('/drives/adopt', { target: 'TRAVEL' });
  await imagetank.until('is ready', isReady);

  // As by the daemon in mid copy: half a file, and the plug is pulled.
  await guest.sh(
    'head -c 3000000 /dev/zero >/media/imagetank/sda1/.imagetank/incoming/half && sync -f /media',
  );
  await guest.launch('writing', [
    'sh',
    '-c',
    'while :; do cat /proc/uptime; done >/media/imagetank/sda1/open',
  ]);
  await lab.eventually('the drive says that it is written', async () => isDirty(drive));
  await usb.pull('drive');
  await imagetank.until('no drive', ({ signal }) => signal === 'waiting');
  assert.ok(isDirty(drive));

  await usb.plug('again', { image: drive });
  const { problems } = await imagetank.until('ready again', isReady);
  assert.deepEqual(
    problems.filter(({ blinks }) => blinks > 0),
    [],
  );
  await usb.plug('card', { image: card });
  await imagetank.until('green over the card', isGreenOver(1));
  await assertSafe(imagetank, 'EOS_DIGITAL');
}

function isDirty(image: string): boolean {
  const file = openSync(image, 'r');
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, VOLUME_FLAGS);
  closeSync(file);
  return ((byte[0] ?? 0) & DIRTY) !== 0;
}
