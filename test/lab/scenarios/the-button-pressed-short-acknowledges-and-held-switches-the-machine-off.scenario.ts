import assert from 'node:assert/strict';
import { isReady, sumsOf } from '../box.ts';
import { ext4Files, ext4State } from '../images/contents.ts';
import { photos } from '../images/photos.ts';
import type { Lab } from '../lab.ts';
import type { Machine } from '../machine.ts';
import { LINES } from '../vm/board.ts';
import { wholePeriods } from '../vm/edges.ts';
import type { Imagetank } from '../vm/imagetank.ts';

const FILES = photos(3, 100_000);
const SHORT_MS = 200;
const RED = '/sys/class/leds/imagetank:red';
/** Between two codes red is dark for 1400 ms; nothing else that red shows has a longer pause than 200 (contract.md, section 1). */
const PAUSE_OF_CODE_MS = 700;

export default async function scenario(lab: Lab): Promise<void> {
  const card = await lab.disk({ fileSystem: 'vfat', label: 'EOS_DIGITAL', sizeMb: 64, files: FILES });
  await byKernelDevices(lab, card);
  await byPlainLines(lab, card);
}

/** An error is acknowledged; then the machine goes down. */
async function byKernelDevices(lab: Lab, card: string): Promise<void> {
  const drive = await lab.disk({ fileSystem: 'ext4', label: 'BACKUP', sizeMb: 96 });
  const machine = await lab.machine('ready');
  const imagetank = await machine.imagetank();
  await machine.usb.plug('card', { image: card, readOnly: true });
  await imagetank.until('misses a drive', ({ signal, code }) => signal === 'error' && code === 2);
  await machine.board.hold(SHORT_MS);
  await imagetank.until('knows that it is known', ({ signal, code }) => signal !== 'error' && code === null);
  await adopt(machine, imagetank, drive);
  await imagetank.until('green', isReady);
  await heldToTheEnd(lab, machine, 'kernel');
  await assertLetGo(drive);
}

/** A backup is started; then the machine goes down. */
async function byPlainLines(lab: Lab, card: string): Promise<void> {
  const drive = await lab.disk({ fileSystem: 'ext4', label: 'BACKUP', sizeMb: 96 });
  const machine = await lab.machine('installed');
  const imagetank = await machine.startImagetank('board = "gpio"\nauto = "off"\n');
  await adopt(machine, imagetank, drive);
  await machine.usb.plug('card', { image: card, readOnly: true });
  await imagetank.until('sees the card', ({ signal, cards }) => signal === 'attention' && cards.length === 1);
  await machine.board.hold(SHORT_MS);
  await imagetank.until('backed up', ({ backups }) => backups[0]?.outcome === 'done');
  await heldToTheEnd(lab, machine, 'lines');
  await assertLetGo(drive);
}

async function adopt({ usb }: Machine, imagetank: Imagetank, drive: string): Promise<void> {
  await usb.plug('drive', { image: drive });
  await imagetank.until('shows the drive', ({ cards }) => cards.some(({ label }) => label === 'BACKUP'));
  await imagetank.post('/drives/adopt', { target: 'BACKUP' });
}

/** Everything is on it, and it was unmounted. */
async function assertLetGo(drive: string): Promise<void> {
  assert.equal(await ext4State(drive), 'clean');
  const kept = await ext4Files(drive);
  const sums = [...kept].filter(([path]) => path.endsWith('.JPG')).map(([, sum]) => sum);
  assert.deepEqual(sums.sort(), sumsOf(FILES));
}

/** The finger stays until the light answers. It says that it is going down, and at the very end it is dark. */
async function heldToTheEnd(lab: Lab, machine: Machine, driver: 'kernel' | 'lines'): Promise<void> {
  const { board, guest } = machine;
  const seen = await board.sampleWhile(async () => {
    await board.press();
    await lab.eventually('red answers', async () => (await board.lit()).includes('red'));
    await board.release();
    if (driver === 'kernel') assert.equal(await guest.sh(`cat ${RED}/delay_on ${RED}/delay_off`), '200\n200');
    await guest.sh('sleep 1.5');
  });
  const lengths = wholePeriods(seen, LINES.red).map(({ lengthMs }) => lengthMs);
  // The guest has one processor, and is busy with ending: what was asked of the kernel is exact, what is seen is not.
  assert.ok(
    lengths.some((ms) => ms < PAUSE_OF_CODE_MS),
    `red: ${lengths.map(Math.round).join(' ')}`,
  );
  const green = seen.edges.findLast(({ line }) => line === LINES.green);
  assert.equal(green?.value, 0, 'green is out');
  assert.equal(await machine.end(), 'off');
  assert.deepEqual(machine.litAtEnd(), []);
}
