import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shoot } from './card.ts';
import { copy, rsync } from './contenders.ts';
import { BenchDaemon } from './daemon.ts';
import { checkDrives } from './drive-check.ts';
import { backUp, type ImagetankMeasured } from './imagetank.ts';
import type { Scene, Stage } from './scene.ts';
import { throttleReads } from './throttle.ts';
import { VolumeCard } from './volume.ts';
import type { Workload } from './workloads.ts';

/** A card that nobody has seen before, onto empty drives. Null where this machine cannot make it. */
export function firstTime({ root, workload }: Stage): Scene | null {
  const made = makeCard(root, workload);
  if (made === null) return null;
  const { card, remove } = made;
  const drivesIn = (to: string) => Array.from({ length: workload.drives }, (_, n) => join(to, `drive-${n}`));
  return {
    card,
    cp: (to) => copy(card, drivesIn(to)),
    rsync: (to) => rsync(card, drivesIn(to)),
    imagetank: (to) => once(card, drivesIn(to), join(to, 'state'), workload),
    check: (to) => checkDrives(card, drivesIn(to)),
    remove,
  };
}

/** Beside a daemon with an empty journal; starting that daemon is not counted. */
async function once(
  card: string,
  drives: readonly string[],
  state: string,
  { files, fileBytes, card: kind }: Workload,
): Promise<ImagetankMeasured> {
  const volumes = kind === 'volume' ? { volumes: dirname(card) } : {};
  const daemon = await BenchDaemon.start(state, { probe: true, ...volumes });
  try {
    for (const drive of drives) {
      mkdirSync(drive, { recursive: true });
      await daemon.command('drive', 'adopt', drive);
    }
    return await backUp(daemon, { card, drives, copied: files, known: 0, bytes: files * fileBytes });
  } finally {
    await daemon.stop();
  }
}

/** Null where this kernel cannot throttle a card. */
export function makeCard(root: string, workload: Workload): { readonly card: string; remove(): void } | null {
  const shots = { from: 0, ...workload };
  if (workload.card === 'folder') {
    const card = join(root, 'card');
    mkdirSync(card);
    shoot(card, shots);
    return { card, remove: () => undefined };
  }
  const volume = new VolumeCard(root, 'CARD');
  volume.make(workload.files * workload.fileBytes);
  volume.write((path) => shoot(path, shots));
  const rate = workload.cardBytesPerSecond;
  if (rate === null) return { card: volume.path, remove: () => volume.remove() };
  const free = throttleReads(volume.path, rate);
  if (free === null) {
    volume.remove();
    return null;
  }
  return {
    card: volume.path,
    remove: () => {
      free();
      volume.remove();
    },
  };
}
