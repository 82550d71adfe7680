import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { assertNotMounted, assertOnDrive, assertSafe, boxWithDrive, isGreen, isGreenOver } from '../box.ts';
import { photos, sha256 } from '../images/photos.ts';
import type { Lab } from '../lab.ts';

const WINDOWS = photos(3, 200_000, { seed: 'windows' });
const MAC = photos(3, 200_000, { seed: 'mac' });

export default async function scenario(lab: Lab): Promise<void> {
  const ntfs = await lab.disk({ fileSystem: 'ntfs', label: 'WINDOWS', sizeMb: 48, files: WINDOWS });
  const hfsPlus = await lab.disk({ fileSystem: 'hfsplus', label: 'MAC', sizeMb: 48, files: MAC });
  const before = [ntfs, hfsPlus].map((image) => sha256(readFileSync(image)));
  const { machine, imagetank } = await boxWithDrive(lab);
  const { guest, usb } = machine;

  await usb.plug('windows', { image: ntfs });
  await usb.plug('mac', { image: hfsPlus });
  await imagetank.until('green over both', isGreenOver(2));
  await lab.eventually('the light is green', () => isGreen(machine));
  await assertNotMounted(machine);
  await assertOnDrive(machine, WINDOWS, MAC);
  for (const label of ['WINDOWS', 'MAC']) await assertSafe(imagetank, label);
  const driver = await guest.sh('modprobe -n ntfs3 2>/dev/null && echo ntfs3 || echo ntfs-3g');
  lab.note(`NTFS by ${driver}`);
  await usb.pull('windows');
  await usb.pull('mac');
  assert.deepEqual(
    [ntfs, hfsPlus].map((image) => sha256(readFileSync(image))),
    before,
    'not one byte was changed',
  );
}
