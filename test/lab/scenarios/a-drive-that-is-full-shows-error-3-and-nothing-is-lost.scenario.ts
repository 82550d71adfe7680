import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { assertOnDrive, assertSafe, boxWithDrive, isGreenOver, sumsOf, sumsOnDrive } from '../box.ts';
import { photos, sha256 } from '../images/photos.ts';
import type { Lab } from '../lab.ts';
import type { Status } from '../vm/imagetank.ts';

const FILES = photos(6, 400_000);
const SLOW = 100_000;
const FILLER = 'FILLER.BIN';

const isFull = ({ signal, code, leds }: Status): boolean =>
  signal === 'error' && code === 3 && leds.green === 'off';

export default async function scenario(lab: Lab): Promise<void> {
  const card = await lab.disk({ fileSystem: 'vfat', label: 'EOS_DIGITAL', sizeMb: 64, files: FILES });
  const before = sha256(readFileSync(card));
  const { machine, imagetank } = await boxWithDrive(lab, { sizeMb: 32 });
  const { guest, usb, board } = machine;
  const drive = '/media/imagetank/sd*/';
  /** Somebody else's file, at once, and as large as leaves that much free. */
  const fill = (leave: number) =>
    guest.sh(
      `cd ${drive} && fallocate -l $(($(stat -f -c '%a * %S' .) - ${leave})) ${FILLER} && sync ${FILLER}`,
    );

  // Before: it is seen that it does not fit, and nothing is begun.
  await fill(1_000_000);
  await usb.plug('card', { image: card, bytesPerSecond: 0 });
  await imagetank.until('says that it does not fit', isFull);
  await lab.eventually('red', async () => (await board.lit()).includes('red'));
  assert.deepEqual(await sumsOnDrive(machine), [], 'nothing was copied');

  // In the middle: somebody fills it while it is copied to.
  await guest.sh(`rm ${drive}${FILLER} && sync`);
  await usb.speed('card', SLOW);
  await imagetank.post('/backups', { card: 'EOS_DIGITAL' });
  await imagetank.until('has copied a file', ({ backups }) =>
    backups.some(({ outcome, bytesDone }) => outcome === null && bytesDone > 0),
  );
  await fill(100_000);
  await usb.speed('card', 0);
  await imagetank.until(
    'has stopped',
    (status) => isFull(status) && status.backups.filter(({ outcome }) => outcome === 'failed').length === 2,
  );
  const whole = sumsOf(FILES);
  const kept = await sumsOnDrive(machine);
  assert.ok(kept.length < whole.length && kept.every((sum) => whole.includes(sum)), 'what is there is whole');
  assert.deepEqual(await board.lit().then((lit) => lit.includes('green')), false);

  await guest.sh(`rm ${drive}${FILLER} && sync`);
  await imagetank.post('/backups', { card: 'EOS_DIGITAL' });
  await imagetank.until('green over the card', isGreenOver(1));
  await assertOnDrive(machine, FILES);
  await assertSafe(imagetank, 'EOS_DIGITAL');
  assert.equal(sha256(readFileSync(card)), before, 'the card is as it was');
}
