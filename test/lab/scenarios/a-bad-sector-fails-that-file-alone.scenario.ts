import assert from 'node:assert/strict';
import { boxWithDrive, sumsOf } from '../box.ts';
import { sectorOf } from '../images/disk.ts';
import { photos, sha256 } from '../images/photos.ts';
import type { Lab } from '../lab.ts';
import { LINES } from '../vm/board.ts';

const FILES = photos(6, 200_000);
const BAD = 'DCIM/100CANON/IMG_0003.JPG';
/** Into the file, past what is read to know its format. */
const SECTORS_IN = 200;

export default async function scenario(lab: Lab): Promise<void> {
  const card = await lab.disk({ fileSystem: 'vfat', label: 'EOS_DIGITAL', sizeMb: 64, files: FILES });
  const { [BAD]: bad, ...good } = FILES;
  assert.ok(bad);
  const { machine, imagetank } = await boxWithDrive(lab);
  const { guest, usb, board } = machine;

  const seen = await board.sampleWhile(async () => {
    const badSectors = [sectorOf(card, bad) + SECTORS_IN];
    await usb.plug('card', { image: card, readOnly: true, badSectors });
    await imagetank.until('has ended', ({ backups }) => backups.some(({ outcome }) => outcome !== null));
  });
  const status = await imagetank.status();
  assert.equal(status.backups[0]?.outcome, 'failed');
  assert.deepEqual([status.signal, status.code], ['error', 4]);
  const greens = seen.edges.filter(({ line }) => line === LINES.green).map(({ value }) => value);
  assert.deepEqual(greens, [1, 0], 'green went out when it came, and stayed out');

  const listed = await guest.sh('cd /media/imagetank/*/Photos && find . -name "IMG_*" -exec sha256sum {} +');
  const photosThere = listed.split('\n').map((line) => line.split(/ +/) as [string, string]);
  const whole = photosThere.filter(([, path]) => !path.includes('partial'));
  assert.deepEqual(whole.map(([sum]) => sum).sort(), sumsOf(good), 'all others, and not that one');
  assert.ok(!photosThere.some(([sum]) => sum === sha256(bad)));

  const check = await imagetank.command('check', 'EOS_DIGITAL', '--json');
  assert.equal(check.code, 1, check.stdout);
  const { safe, missing } = JSON.parse(check.stdout) as { safe: boolean; missing: { path: string }[] };
  assert.equal(safe, false);
  assert.deepEqual(
    missing.map(({ path }) => path),
    [BAD],
  );
  lab.note(
    `what is left of it: ${
      photosThere
        .filter(([, path]) => path.includes('partial'))
        .map(([, path]) => path)
        .join() || 'nothing'
    }`,
  );
}
