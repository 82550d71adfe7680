import { type Box, isReady } from './box.ts';
import type { Lab } from './lab.ts';

export const PLAIN_LINES = 'board = "gpio"\n';

/** A running box with lights on plain lines and an ext4 drive that it has adopted. Its state outlives a power cut. */
export async function boxOnPlainLines(lab: Lab, { sizeMb = 128 } = {}): Promise<Box> {
  const drive = await lab.disk({ fileSystem: 'ext4', label: 'BACKUP', sizeMb, signature: 0xd71fe });
  const machine = await lab.machine('installed');
  const imagetank = await machine.startImagetank(PLAIN_LINES);
  await machine.usb.plug('drive', { image: drive, bytesPerSecond: 0 });
  await imagetank.until('shows the drive', ({ cards }) => cards.some(({ label }) => label === 'BACKUP'));
  await imagetank.post('/drives/adopt', { target: 'BACKUP' });
  await imagetank.until('is ready', isReady);
  return { machine, imagetank, drive };
}
