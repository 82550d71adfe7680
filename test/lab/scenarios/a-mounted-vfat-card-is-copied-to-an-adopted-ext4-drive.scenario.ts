import assert from 'node:assert/strict';
import { photos, sha256 } from '../images/photos.ts';
import type { Lab } from '../lab.ts';

const FILES = photos(5, 200_000);

export default async function scenario(lab: Lab): Promise<void> {
  const card = await lab.disk({ fileSystem: 'vfat', label: 'EOS_DIGITAL', sizeMb: 64, files: FILES });
  const drive = await lab.disk({ fileSystem: 'ext4', label: 'BACKUP', sizeMb: 128 });
  const machine = await lab.machine('installed');
  const { guest, usb } = machine;
  const imagetank = await machine.startImagetank();

  await usb.plug('drive', { image: drive });
  await guest.sh(`mkdir -p /media/BACKUP && mount ${await machine.volume('BACKUP')} /media/BACKUP`);
  // As its owner has to, for a drive that imagetank did not mount itself.
  await guest.sh('! id imagetank 2>/dev/null || chown imagetank: /media/BACKUP');
  await imagetank.until('sees the volume', ({ cards }) => cards.some(({ label }) => label === 'BACKUP'));
  await imagetank.post('/drives/adopt', { target: 'BACKUP' });

  await usb.plug('card', { image: card, readOnly: true });
  await guest.sh(
    `mkdir -p /media/EOS_DIGITAL && mount -o ro,tz=UTC ${await machine.volume('EOS_DIGITAL')} /media/EOS_DIGITAL`,
  );
  await imagetank.until('done', ({ backups }) => backups.some(({ outcome }) => outcome === 'done'));

  const sums = await guest.sh('cd /media/BACKUP/Photos && find . -name "*.JPG" -exec sha256sum {} +');
  const copied = sums.split('\n').map((line) => line.split(' ')[0]);
  assert.deepEqual(copied.sort(), Object.values(FILES).map(sha256).sort());
}
