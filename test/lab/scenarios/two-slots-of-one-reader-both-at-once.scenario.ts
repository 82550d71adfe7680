import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { assertNotMounted, assertOnDrive, assertSafe, boxWithDrive, isGreenOver } from '../box.ts';
import { photos, sha256 } from '../images/photos.ts';
import type { Lab } from '../lab.ts';
import { Eyes } from '../vm/eyes.ts';

const LEFT = photos(4, 300_000, { seed: 'left' });
const RIGHT = photos(4, 300_000, { seed: 'right' });

export default async function scenario(lab: Lab): Promise<void> {
  const common = { fileSystem: 'vfat', sizeMb: 48 } as const;
  const left = await lab.disk({ ...common, label: 'LEFT', signature: 0xca4d0001, files: LEFT });
  const right = await lab.disk({ ...common, label: 'RIGHT', signature: 0xca4d0002, files: RIGHT });
  const before = [left, right].map((image) => sha256(readFileSync(image)));
  const { machine, imagetank } = await boxWithDrive(lab);
  const { guest, usb } = machine;
  const reader = await usb.plugReader('reader');
  const eyes = await Eyes.open(guest);

  await reader.insert(0, { image: left });
  await reader.insert(1, { image: right });
  await imagetank.until('green over both', isGreenOver(2));
  await lab.eventually('the light is green', async () => eyes.seeGreen);
  const seen = eyes.sights;
  assert.ok(
    seen.some(({ cards }) => cards.length === 2),
    'both were mounted at one time',
  );
  assert.deepEqual(
    seen.filter((sight) => sight.green && (sight.cards.length > 0 || sight.incoming)),
    [],
    'green only when both were done',
  );
  await assertNotMounted(machine);
  await assertOnDrive(machine, LEFT, RIGHT);
  for (const label of ['LEFT', 'RIGHT']) await assertSafe(imagetank, label);

  // With its cards in it.
  await reader.pull();
  await imagetank.until('both are gone', (status) => status.cards.length === 0 && status.signal === 'ready');
  assert.deepEqual(
    [left, right].map((image) => sha256(readFileSync(image))),
    before,
  );
}
