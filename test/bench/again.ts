import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shoot } from './card.ts';
import { copy, rsync } from './contenders.ts';
import { BenchDaemon } from './daemon.ts';
import { checkDrives } from './drive-check.ts';
import { backUp, type ImagetankMeasured, type Work } from './imagetank.ts';
import type { Scene, Stage } from './scene.ts';
import { VolumeCard } from './volume.ts';

/**
 * A card that was backed up before by everybody, and comes back with a few new files or none. `cp` knows nothing of
 * what is there: it copies the new files alone where there are some, as a person who remembers them would, else all.
 */
export async function again({ root, workload, hasRsync }: Stage): Promise<Scene> {
  const { files, fileBytes, newFiles, runs } = workload;
  const more = newFiles ?? 0;
  const volume = new VolumeCard(root, 'CARD');
  const drive = join(root, 'drive');
  const rsynced = join(root, 'rsynced');
  const fresh = join(root, 'new-files');
  volume.make((files + more * runs) * fileBytes);
  volume.write((path) => shoot(path, { from: 0, files, fileBytes }));
  mkdirSync(drive);
  let shot = files;
  const card = volume.path;
  const bytes = () => shot * fileBytes;
  await reRun(root, { card, drives: [drive], copied: files, known: 0, bytes: bytes() });
  if (hasRsync) await rsync(card, [rsynced]);
  return {
    card,
    next: () => {
      if (more === 0) return;
      const shots = { from: shot, files: more, fileBytes };
      volume.write((path) => shoot(path, shots));
      rmSync(fresh, { recursive: true, force: true });
      shoot(fresh, shots);
      shot += more;
    },
    cp: (to) => copy(more === 0 ? card : fresh, [to]),
    rsync: () => rsync(card, [rsynced]),
    imagetank: () => reRun(root, { card, drives: [drive], copied: more, known: shot - more, bytes: bytes() }),
    check: () => checkDrives(card, [drive]),
    remove: () => {
      volume.remove();
      for (const path of [drive, rsynced, fresh, join(root, 'state')]) {
        rmSync(path, { recursive: true, force: true });
      }
    },
  };
}

/** Beside a daemon that was started anew over the journal of the earlier ones. */
async function reRun(root: string, work: Work): Promise<ImagetankMeasured> {
  const daemon = await BenchDaemon.start(join(root, 'state'), { probe: true, volumes: dirname(work.card) });
  try {
    for (const drive of work.drives) await daemon.command('drive', 'adopt', drive);
    return await backUp(daemon, work);
  } finally {
    await daemon.stop();
  }
}
