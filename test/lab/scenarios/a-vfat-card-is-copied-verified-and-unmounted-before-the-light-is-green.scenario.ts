import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  assertNotMounted,
  assertOnDrive,
  assertSafe,
  boxWithDrive,
  isGreenOver,
  isNotMounted,
  isReady,
} from '../box.ts';
import { photos, sha256 } from '../images/photos.ts';
import type { Lab } from '../lab.ts';
import { Eyes } from '../vm/eyes.ts';

const FILES = photos(6, 300_000);

export default async function scenario(lab: Lab): Promise<void> {
  const card = await lab.disk({ fileSystem: 'vfat', label: 'EOS_DIGITAL', sizeMb: 64, files: FILES });
  const before = sha256(readFileSync(card));
  const { machine, imagetank } = await boxWithDrive(lab);
  const { guest, usb, board } = machine;
  const settleMs = await machine.settleMs();
  const eyes = await Eyes.open(guest);
  assert.deepEqual(await board.lit(), ['green']);

  // Not write-protected: nobody but imagetank keeps a byte from changing.
  await usb.plug('card', { image: card });
  const volume = await machine.volume('EOS_DIGITAL');
  const udevMs =
    Number(await guest.sh(`udevadm info -q property ${volume} | sed -n 's/^USEC_INITIALIZED=//p'`)) / 1000;
  await imagetank.until('green over the card', isGreenOver(1));
  await lab.eventually('the light is green', async () => eyes.seeGreen);
  const seen = eyes.sights;

  const dark = seen.find(({ green, atMs }) => !green && atMs > (seen[0]?.atMs ?? 0));
  const mounted = seen.find(({ cards }) => cards.length > 0);
  const green = seen.findLast((sight) => sight.green);
  const copying = seen.find(({ incoming }) => incoming);
  assert.ok(dark && mounted && copying && green, JSON.stringify(seen));
  assert.ok(dark.atMs < mounted.atMs, 'green was out before the card was mounted');
  assert.ok(mounted.atMs < copying.atMs && copying.atMs < green.atMs);
  assert.deepEqual(
    seen.filter((sight) => sight.green && sight.cards.length > 0),
    [],
    'never green over a mounted card',
  );
  await assertNotMounted(machine, volume);
  await assertOnDrive(machine, FILES);
  const copyMs = copying.atMs - udevMs;
  lab.note(
    `partition known to udev → first byte copied: ${(copyMs / settleMs).toFixed(1)} × settle (${settleMs.toFixed(0)} ms)`,
  );

  await assertSafe(imagetank, 'EOS_DIGITAL');
  await lab.eventually('let go after the check', () => isNotMounted(machine, volume));
  await usb.pull('card');
  await imagetank.until('green without the card', (status) => isReady(status) && status.cards.length === 0);
  assert.deepEqual(await board.lit(), ['green']);
  assert.equal(sha256(readFileSync(card)), before, 'not one byte of the card was changed');
}
