import assert from 'node:assert/strict';
import { boxWithDrive, isReady } from '../box.ts';
import { partitioned } from '../images/disk.ts';
import { crossLink } from '../images/fat.ts';
import { photos } from '../images/photos.ts';
import type { Lab } from '../lab.ts';
import { LINES } from '../vm/board.ts';
import type { Status } from '../vm/imagetank.ts';

/** No camera's folder: what is on a drive before it becomes one. */
const NOTES = photos(2, 100_000, { folder: 'notes' });
const [ONE = Buffer.alloc(0), OTHER = Buffer.alloc(0)] = Object.values(NOTES);

export default async function scenario(lab: Lab): Promise<void> {
  const stick = await lab.disk({ fileSystem: 'vfat', label: 'STICK', sizeMb: 64, files: NOTES });
  const { machine, imagetank } = await boxWithDrive(lab);
  const { guest, usb, board } = machine;

  const blank = `${stick}.blank`;
  partitioned(blank, { fileSystem: 'vfat', label: '', sizeMb: 16 });
  const seen = await board.sampleWhile(async () => {
    await usb.plug('blank', { image: blank });
    assert.match(await errorOf(8), /no file system/);
  });
  const green = seen.edges.filter(({ line }) => line === LINES.green).map(({ value }) => value);
  assert.deepEqual(green, [1, 0], 'green went out, and stayed out');
  await imagetank.post('/ack', {});
  // Acknowledged, and still there: nothing is known of it.
  await imagetank.until('attention', ({ signal }) => signal === 'attention');
  await usb.pull('blank');
  await imagetank.until('ready without it', isReady);

  await usb.plug('stick', { image: stick });
  await imagetank.until('shows the stick', ({ cards }) => cards.some(({ label }) => label === 'STICK'));
  await imagetank.post('/drives/adopt', { target: 'STICK' });
  await imagetank.post('/drives/eject', { target: 'STICK' });
  await usb.pull('stick');
  crossLink(stick, ONE, OTHER);

  await usb.plug('stick', { image: stick });
  const device = await guest.sh(`readlink -f ${await machine.volume('STICK')}`);
  const words = await errorOf(7);
  const repair = /sudo (fsck\.fat -a \/dev\/\w+)/.exec(words)?.[1];
  assert.equal(repair, `fsck.fat -a ${device}`, words);
  const { stdout } = await imagetank.command('status');
  assert.ok(stdout.includes(`sudo ${repair}`), stdout);

  // As it says; fsck ends with 1 when it mended something.
  await guest.sh(`${repair}; test $? -le 1 && sync`);
  await usb.pull('stick');
  await imagetank.post('/ack', {});
  await usb.plug('stick', { image: stick });
  await imagetank.until(
    'both drives are in use',
    (status) =>
      isReady(status) && status.drives.filter(({ adopted, path }) => adopted && path !== null).length === 2,
  );

  async function errorOf(code: number): Promise<string> {
    const isShown = ({ signal, code: shown, leds }: Status) =>
      signal === 'error' && shown === code && leds.red === `code ${code}` && leds.green === 'off';
    const { problems } = await imagetank.until(`shows error ${code}`, isShown);
    return problems.map(({ message }) => message).join('\n');
  }
}
