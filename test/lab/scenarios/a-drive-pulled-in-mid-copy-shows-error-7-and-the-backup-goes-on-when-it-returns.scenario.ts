import assert from 'node:assert/strict';
import { assertOnDrive, assertSafe, boxWithDrive, isGreen, isGreenOver, sumsOf } from '../box.ts';
import { ext4Files } from '../images/contents.ts';
import { photos } from '../images/photos.ts';
import type { Lab } from '../lab.ts';
import { LINES } from '../vm/board.ts';

/** More than the 256 that are verified, placed and recorded at once (services/backup/batch.ts). */
const FILES = photos(400, 2_500);
/** The drive: when the first batch is recorded there is time left before the rest is. */
const SLOW = 60_000;

export default async function scenario(lab: Lab): Promise<void> {
  const card = await lab.disk({ fileSystem: 'vfat', label: 'EOS_DIGITAL', sizeMb: 64, files: FILES });
  const { machine, imagetank, drive } = await boxWithDrive(lab);
  const { guest, usb, board } = machine;
  await usb.plug('card', { image: card, readOnly: true });
  await imagetank.until('copies', ({ state }) => state === 'copying');
  await usb.speed('drive', SLOW);
  await lab.eventually('the first batch is recorded', async () => (await imagetank.settled()).size > 0);

  const seen = await board.sampleWhile(async () => {
    await usb.pull('drive');
    await imagetank.until(
      'says that the drive is lost',
      ({ signal, code }) => signal === 'error' && code === 7,
    );
  });
  const lit = seen.edges.filter(({ line, value }) => line === LINES.green && value === 1);
  assert.deepEqual(lit, [], 'never green');
  await guest.until('! findmnt -rno TARGET | grep ^/media/imagetank/');
  await guest.until(
    '! grep /media/imagetank/ /proc/$(systemctl show -P MainPID imagetank.service)/mountinfo',
  );
  const whole = sumsOf(FILES);
  const before = [...(await ext4Files(drive))].filter(([path]) => path.endsWith('.JPG'));
  const [acknowledged = []] = (await imagetank.settled()).values();
  const there = before.map(([path]) => path);
  assert.deepEqual(
    acknowledged.filter((path) => !there.includes(path)),
    [],
    'what was acknowledged is there',
  );
  for (const [path, sum] of before) assert.ok(whole.includes(sum), `${path} is whole`);
  assert.ok(acknowledged.length > 0 && before.length < whole.length, `pulled in mid copy: ${before.length}`);

  await usb.plug('drive', { image: drive });
  await imagetank.until('green over the card', isGreenOver(1));
  await lab.eventually('the light is green', () => isGreen(machine));
  await assertOnDrive(machine, FILES);
  await assertSafe(imagetank, 'EOS_DIGITAL');
}
