import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { assertOnDrive, assertSafe, boxWithDrive, isGreenOver, isNotMounted } from '../box.ts';
import { photos, sha256 } from '../images/photos.ts';
import type { Lab } from '../lab.ts';
import { LINES } from '../vm/board.ts';
import { blinksOfCode } from '../vm/edges.ts';
import { Eyes } from '../vm/eyes.ts';

/** More than two batches (services/backup/batch.ts): the card is still read when the first is recorded, and that is not copied again. */
const FILES = photos(700, 12_500);
const RECORDED = 128;
const BYTES_PER_SECOND = 250_000;
/** While it is read: 90 s from the first batch to the last file, for an emulated processor to record the first. */
const SLOW = 60_000;
/** Six blinks and their pause take 3.6 s: long enough for a whole code. */
const WATCH_S = 9;

export default async function scenario(lab: Lab): Promise<void> {
  const card = await lab.disk({ fileSystem: 'vfat', label: 'EOS_DIGITAL', sizeMb: 64, files: FILES });
  const before = sha256(readFileSync(card));
  const { machine, imagetank } = await boxWithDrive(lab);
  const { guest, usb, board } = machine;
  const settleMs = await machine.settleMs();
  const eyes = await Eyes.open(guest);

  await usb.plug('card', { image: card, bytesPerSecond: BYTES_PER_SECOND, port: 3 });
  await imagetank.until('copies', ({ state }) => state === 'copying');
  await usb.speed('card', SLOW);
  await imagetank.until('is in mid copy', ({ backups: [one] }) => (one?.filesDone ?? 0) >= RECORDED);
  const red = await board.sampleWhile(async () => {
    await usb.pull('card');
    await imagetank.until('shows the error', ({ signal, code }) => signal === 'error' && code === 6);
    await lab.eventually('the stale mount is gone', () => isNotMounted(machine));
    await guest.sh(`sleep ${WATCH_S}`);
  });
  assert.equal(blinksOfCode(red, LINES.red), 6);
  const goneMs = eyes.sights.findLast(({ disks }) => disks.includes('sdb'))?.atMs;
  const pulledMs = eyes.sights.find(({ atMs }) => atMs > (goneMs ?? 0))?.atMs;
  const redMs = red.edges.find(({ line, value }) => line === LINES.red && value === 1)?.atMs;
  assert.ok(pulledMs !== undefined && redMs !== undefined);
  lab.note(
    `card pulled → light: ${((redMs - pulledMs) / settleMs).toFixed(1)} × settle (${settleMs.toFixed(0)} ms)`,
  );
  const { backups } = await imagetank.status();
  const [broken] = backups;
  assert.equal(broken?.outcome, 'interrupted');
  assert.ok(broken.filesDone < broken.filesTotal);

  await usb.plug('again', { image: card, port: 5 });
  await imagetank.until('green over the card', isGreenOver(1));
  await lab.eventually('the light is green', async () => eyes.seeGreen);
  const shown = eyes.sights;
  const firstDark = shown.findIndex(({ green }, at) => at > 0 && !green);
  const greens = shown.slice(firstDark).filter(({ green }) => green);
  const done = greens[0]?.atMs ?? 0;
  assert.ok(
    shown.every(({ incoming, atMs }) => !incoming || atMs < done),
    'green was never lit before all was copied',
  );
  await assertOnDrive(machine, FILES);
  await assertSafe(imagetank, 'EOS_DIGITAL');
  const { stdout } = await imagetank.command('history', '--json');
  const copied = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { copied: number }).copied);
  assert.deepEqual(
    copied,
    [broken.filesDone, broken.filesTotal - broken.filesDone],
    'only the rest was copied',
  );
  assert.equal(sha256(readFileSync(card)), before);
}
