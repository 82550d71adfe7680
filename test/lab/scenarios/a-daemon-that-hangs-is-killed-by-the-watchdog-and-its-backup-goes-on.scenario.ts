import assert from 'node:assert/strict';
import { assertOnDrive, boxWithDrive, isGreenOver } from '../box.ts';
import { photos } from '../images/photos.ts';
import type { Lab } from '../lab.ts';
import { LINES } from '../vm/board.ts';
import { nowMs, Unit } from '../vm/unit.ts';

const FILES = photos(6, 150_000);
const SLOW = 60_000;

export default async function scenario(lab: Lab): Promise<void> {
  const card = await lab.disk({ fileSystem: 'vfat', label: 'EOS_DIGITAL', sizeMb: 64, files: FILES });
  const { machine, imagetank } = await boxWithDrive(lab);
  const { guest, usb, board } = machine;
  const unit = new Unit(guest);
  await usb.plug('card', { image: card, bytesPerSecond: 0 });
  await machine.volume('EOS_DIGITAL');
  await usb.speed('card', SLOW);
  await imagetank.until('has copied something', ({ backups }) => (backups[0]?.bytesDone ?? 0) > 0);

  let stoppedMs = 0;
  let endMs = 0;
  const seen = await board.sampleWhile(async () => {
    const restarts = Number(await unit.show('NRestarts'));
    stoppedMs = await unit.kill('STOP');
    await unit.until('NRestarts', String(restarts + 1));
    await unit.until('ActiveState', 'active');
    endMs = await nowMs(guest);
  });
  const lit = seen.edges.filter(({ line, value }) => line === LINES.green && value === 1);
  assert.deepEqual(lit, [], 'green from before the daemon hung until it was back');
  const words = await guest.sh('journalctl -o cat --no-pager _PID=1 UNIT=imagetank.service');
  assert.match(words, /Watchdog timeout/);
  assert.match(words, /Failed with result 'watchdog'/);
  const reds = seen.edges.filter(({ line, atMs }) => line === LINES.red && atMs > stoppedMs);
  assert.ok(
    reds.some(({ value }) => value === 1),
    'it shows that something is wrong',
  );
  lab.note(`hung → back: ${Math.round((endMs - stoppedMs) / 1000)} s of the guest`);

  await usb.speed('card', 0);
  await imagetank.until('green over the card', isGreenOver(1));
  await assertOnDrive(machine, FILES);
  const names = await guest.sh('ls -A /media/imagetank/*/.imagetank/incoming');
  assert.equal(names, '', 'nothing unfinished is left');
}
