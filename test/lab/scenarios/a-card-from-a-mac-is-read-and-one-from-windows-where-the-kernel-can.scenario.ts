import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  assertNotMounted,
  assertOnDrive,
  assertSafe,
  type Box,
  boxWithDrive,
  isGreen,
  isGreenOver,
  isReady,
} from '../box.ts';
import { photos, sha256 } from '../images/photos.ts';
import type { Lab } from '../lab.ts';

const WINDOWS = photos(3, 200_000, { seed: 'windows' });
const MAC = photos(3, 200_000, { seed: 'mac' });

export default async function scenario(lab: Lab): Promise<void> {
  const mac = await lab.disk({ fileSystem: 'hfsplus', label: 'MAC', sizeMb: 48, files: MAC });
  const windows = await lab.disk({ fileSystem: 'ntfs', label: 'WINDOWS', sizeMb: 48, files: WINDOWS });
  const before = [mac, windows].map((image) => sha256(readFileSync(image)));
  const box = await boxWithDrive(lab);
  const { machine, imagetank } = box;
  const { guest, usb } = machine;

  await usb.plug('mac', { image: mac });
  await imagetank.until('green over the card', isGreenOver(1));
  await lab.eventually('the light is green', () => isGreen(machine));
  await assertNotMounted(machine);
  await assertOnDrive(machine, MAC);
  await assertSafe(imagetank, 'MAC');
  await usb.pull('mac');
  await imagetank.until('ready without it', (status) => isReady(status) && status.cards.length === 0);

  const canNtfs = (await guest.run(['modprobe', '--dry-run', '--quiet', 'ntfs3'])).code === 0;
  await usb.plug('windows', { image: windows });
  if (canNtfs) await isCopied(box);
  else await isRefused(box);
  lab.note(canNtfs ? 'NTFS by ntfs3' : 'this kernel has no ntfs3: refused with words');
  await usb.pull('windows');
  assert.deepEqual(
    [mac, windows].map((image) => sha256(readFileSync(image))),
    before,
    'not one byte was changed',
  );
}

async function isCopied({ machine, imagetank }: Box): Promise<void> {
  await imagetank.until('green over the card', isGreenOver(1));
  await assertNotMounted(machine);
  await assertOnDrive(machine, MAC, WINDOWS);
  await assertSafe(imagetank, 'WINDOWS');
}

async function isRefused({ machine, imagetank }: Box): Promise<void> {
  const { problems } = await imagetank.until(
    'shows the error',
    ({ signal, code }) => signal === 'error' && code === 8,
  );
  assert.match(problems.map(({ message }) => message).join('\n'), /cannot read ntfs/);
  assert.ok(!(await machine.board.lit()).includes('green'));
}
