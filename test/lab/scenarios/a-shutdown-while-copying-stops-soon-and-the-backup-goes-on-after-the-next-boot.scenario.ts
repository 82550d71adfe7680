import assert from 'node:assert/strict';
import { assertOnDrive, assertSafe, isGreenOver, sumsOf } from '../box.ts';
import { ext4Files, ext4State } from '../images/contents.ts';
import { photos } from '../images/photos.ts';
import type { Lab } from '../lab.ts';
import { boxOnPlainLines, PLAIN_LINES } from '../plain-box.ts';
import { nowMs } from '../vm/unit.ts';

/** More than the 256 that are verified, placed and recorded at once (services/backup/batch.ts). */
const FILES = photos(1200, 800);
/** The drive: when the first batch is recorded there is time left before the rest is. */
const SLOW = 60_000;

export default async function scenario(lab: Lab): Promise<void> {
  const card = await lab.disk({ fileSystem: 'vfat', label: 'EOS_DIGITAL', sizeMb: 64, files: FILES });
  const { machine, imagetank, drive } = await boxOnPlainLines(lab);
  const { guest, usb } = machine;
  await usb.plug('card', { image: card, readOnly: true });
  await imagetank.until('copies', ({ state }) => state === 'copying');
  await usb.speed('drive', SLOW);
  await lab.eventually('the first batch is recorded', async () => (await imagetank.settled()).size > 0);

  const settleMs = await machine.settleMs();
  const askedMs = await nowMs(guest);
  await imagetank.post('/power', { action: 'poweroff', confirm: true });
  await guest.until('! findmnt -rno TARGET | grep ^/media/');
  const tookMs = (await nowMs(guest)) - askedMs;
  lab.note(
    `asked → drive let go: ${(tookMs / 1000).toFixed(1)} s of the guest, ${(tookMs / settleMs).toFixed(0)} × settle`,
  );
  assert.equal(await machine.end(), 'off');
  assert.deepEqual(machine.litAtEnd(), []);

  assert.equal(await ext4State(drive), 'clean');
  const before = await ext4Files(drive);
  const whole = sumsOf(FILES);
  const photosBefore = [...before].filter(([path]) => path.endsWith('.JPG'));
  assert.ok(photosBefore.length > 0 && photosBefore.length < whole.length, 'it was stopped in mid copy');
  for (const [path, sum] of photosBefore) assert.ok(whole.includes(sum), `${path} is whole`);

  const next = await lab.machine('installed', { stateOf: machine });
  await next.usb.plug('drive', { image: drive });
  await next.usb.plug('card', { image: card, readOnly: true });
  await next.volume('EOS_DIGITAL');
  const again = await next.startImagetank(PLAIN_LINES);
  await again.until('green over the card', isGreenOver(1));
  await assertOnDrive(next, FILES);
  await assertSafe(again, 'EOS_DIGITAL');
}
