import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { boxWithDrive } from '../box.ts';
import { START_BYTES } from '../images/partition-table.ts';
import { photos, sha256 } from '../images/photos.ts';
import type { Lab } from '../lab.ts';

const OLD = photos(2, 200_000, { seed: 'old' });

/** s_feature_incompat of the superblock; RECOVER: the journal has to be replayed (kernel, fs/ext4/ext4.h). */
const FEATURES = START_BYTES + 1024 + 0x60;
const RECOVER = 4;

export default async function scenario(lab: Lab): Promise<void> {
  const card = await lab.disk({ fileSystem: 'ext4', label: 'DASHCAM', sizeMb: 64, files: OLD });
  const camera = await lab.machine('booted');
  await camera.usb.plug('card', { image: card });
  await camera.guest.sh(`mount ${await camera.volume('DASHCAM')} /mnt`);
  // In the journal, and nowhere else: whoever does not replay it does not see this photo.
  await camera.guest.sh(
    'head -c 200000 /dev/urandom >/mnt/DCIM/100CANON/IMG_0003.JPG && sync -d /mnt/DCIM/100CANON/IMG_0003.JPG',
  );
  await camera.cutPower();
  const image = readFileSync(card);
  assert.equal(image.readUInt32LE(FEATURES) & RECOVER, RECOVER);
  const before = sha256(image);

  const { machine, imagetank } = await boxWithDrive(lab);
  await machine.usb.plug('card', { image: card });
  const status = await imagetank.until(
    'says what it thinks of the card',
    ({ signal, code }) => signal === 'error' && code === 8,
  );
  assert.match(status.problems.map(({ message }) => message).join('\n'), /journal/);
  assert.equal(status.leds.green, 'off');
  await machine.usb.pull('card');
  assert.equal(sha256(readFileSync(card)), before, 'not one byte was changed');
}
