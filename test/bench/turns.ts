import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Measured, RsyncMeasured } from './contenders.ts';
import { PROGRAM } from './daemon.ts';
import { warm } from './files.ts';
import type { ImagetankMeasured } from './imagetank.ts';
import { settle } from './machine.ts';
import { run } from './processes.ts';
import type { Scene, Stage } from './scene.ts';
import type { Workload } from './workloads.ts';

/** What each contender needed in one run. */
export interface Run {
  readonly cp: Measured;
  readonly rsync: RsyncMeasured | null;
  readonly imagetank: ImagetankMeasured;
}

/**
 * ext4 without a journal does not use an inode again for a minute after it was deleted, and longer where its table is not
 * written yet; it looks at each of them for every new file (`recently_deleted` in fs/ext4/ialloc.c). So many files are
 * left where they are until the end: 10,000 deleted ones made `cp` six times as slow.
 */
const MANY_FILES = 1000;
export const isMany = ({ files }: Workload): boolean => files >= MANY_FILES;

/** Contenders take turns inside each run, so that what else the machine does hits all of them. */
export async function takeTurns(scene: Scene, stage: Stage, say: (text: string) => void): Promise<Run[]> {
  const runs: Run[] = [];
  const { workload, root } = stage;
  for (let number = 1; number <= workload.runs; number += 1) {
    const folder = join(root, `run-${number}`);
    mkdirSync(folder);
    scene.next?.();
    const one = await oneRun(scene, stage, folder, number);
    if (number === workload.runs) scene.check(join(folder, 'imagetank'));
    // Not before all have had their turn: nobody pays for the deletion of what another one wrote.
    if (!isMany(workload)) rmSync(folder, { recursive: true, force: true });
    say(`${workload.id} run ${number} of ${workload.runs}: ${words(one)}`);
    runs.push(one);
  }
  return runs;
}

async function oneRun(scene: Scene, stage: Stage, folder: string, number: number): Promise<Run> {
  let cp: Measured | null = null;
  let rsync: RsyncMeasured | null = null;
  let imagetank: ImagetankMeasured | null = null;
  const turns = [
    async () => {
      cp = await scene.cp(join(folder, 'cp'));
    },
    async () => {
      imagetank = await scene.imagetank(join(folder, 'imagetank'));
    },
    async () => {
      if (stage.hasRsync) rsync = await scene.rsync(join(folder, 'rsync'));
    },
  ];
  // Each begins once: none always follows the same one.
  const first = number % turns.length;
  for (const turn of [...turns.slice(first), ...turns.slice(0, first)]) {
    await prepare(scene, stage);
    await turn();
  }
  if (cp === null || imagetank === null) throw new Error('a contender did not run');
  return { cp, rsync, imagetank };
}

/** The same state of memory for everybody: the programs are in it, the drives are not, the card as the workload says. */
async function prepare({ card }: Scene, { workload, hasRsync }: Stage): Promise<void> {
  await settle();
  if (workload.source === 'warm') warm(card);
  await run('cp', ['--version']);
  if (hasRsync) await run('rsync', ['--version']);
  await run(process.execPath, [PROGRAM, '--version']);
}

function words({ cp, rsync, imagetank }: Run): string {
  const checked = rsync === null ? '–' : `${ms(rsync.copied)} + ${ms(rsync.checked)}`;
  return `cp ${ms(cp)}, imagetank ${ms(imagetank)}, rsync + check ${checked}`;
}

const ms = ({ tookMs }: Measured): string => `${tookMs.toFixed(0)} ms`;
