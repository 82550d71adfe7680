import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { assertNotMounted, assertOnDrive, assertSafe, boxWithDrive, isGreenOver } from '../box.ts';
import { joined } from '../images/joined.ts';
import { photos, sha256 } from '../images/photos.ts';
import type { Lab } from '../lab.ts';
import { Eyes } from '../vm/eyes.ts';

const STILLS = photos(5, 200_000);
const FILMS = photos(3, 300_000, { folder: 'DCIM/200SONY', seed: 'b' });

export default async function scenario(lab: Lab): Promise<void> {
  const first = await lab.disk({ fileSystem: 'exfat', label: 'STILLS', sizeMb: 48, files: STILLS });
  const second = await lab.disk({ fileSystem: 'exfat', label: 'FILMS', sizeMb: 48, files: FILMS });
  const card = `${first}.both`;
  joined(card, first, second);
  const before = sha256(readFileSync(card));
  const { machine, imagetank } = await boxWithDrive(lab);
  const { guest, usb } = machine;
  const eyes = await Eyes.open(guest);

  await usb.plug('card', { image: card });
  const volumes = [await machine.volume('STILLS'), await machine.volume('FILMS')];
  const { cards } = await imagetank.until('green over both', isGreenOver(2));
  assert.deepEqual(cards.map(({ label }) => label).sort(), ['FILMS', 'STILLS']);
  await lab.eventually('the light is green', async () => eyes.seeGreen);
  const seen = eyes.sights;
  assert.ok(seen.some((sight) => sight.cards.length > 0));
  assert.deepEqual(
    seen.filter((sight) => sight.green && sight.cards.length > 0),
    [],
    'never green over a mounted card',
  );
  const firstDark = seen.findIndex(({ green }, at) => at > 0 && !green);
  const greenAgain = seen.slice(firstDark).filter(({ green }) => green);
  assert.ok(
    greenAgain.every(({ incoming }) => !incoming),
    'green is earned by both',
  );
  for (const volume of volumes) await assertNotMounted(machine, volume);
  await assertOnDrive(machine, STILLS, FILMS);
  for (const label of ['STILLS', 'FILMS']) await assertSafe(imagetank, label);

  await usb.pull('card');
  await imagetank.until('both are gone', (status) => status.cards.length === 0 && status.signal === 'ready');
  assert.equal(sha256(readFileSync(card)), before, 'not one byte was changed');
}
