import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertOnDrive, assertSafe, isGreenOver, sumsOf } from '../box.ts';
import { photos } from '../images/photos.ts';
import type { Lab } from '../lab.ts';
import type { Machine } from '../machine.ts';
import { random } from '../random.ts';
import type { Imagetank, Status } from '../vm/imagetank.ts';

/** Two batches: what was copied is verified, placed and recorded 64 files at a time (services/backup/batch.ts). */
const FILES = photos(100, 8_000);
const SLOW = 80_000;
const CUTS = 5;
/** A copy is never cut when it is nearly done: five cuts are to be in its middle. */
const MAX_PROGRESS = 0.9;
/** After that much was seen to be copied. */
const MAX_DELAY_MS = 500;
const MAX_AFTER_GREEN_MS = 2_000;
const DRIVES = ['BACKUP', 'TRAVEL'] as const;

interface Disks {
  readonly card: string;
  readonly drives: Readonly<Record<(typeof DRIVES)[number], string>>;
}

export default async function scenario(lab: Lab): Promise<void> {
  const seed = Number(process.env['IMAGETANK_LAB_SEED'] ?? randomInt(2 ** 31));
  lab.note(`IMAGETANK_LAB_SEED=${seed}`);
  try {
    await cutAgainAndAgain(lab, random(seed));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(`with IMAGETANK_LAB_SEED=${seed}: ${text}`, { cause: error });
  }
}

async function cutAgainAndAgain(lab: Lab, next: () => number): Promise<void> {
  const disks = {
    card: await lab.disk({ fileSystem: 'vfat', label: 'EOS_DIGITAL', sizeMb: 64, files: FILES }),
    drives: {
      BACKUP: await lab.disk({ fileSystem: 'ext4', label: 'BACKUP', sizeMb: 96 }),
      TRAVEL: await lab.disk({ fileSystem: 'exfat', label: 'TRAVEL', sizeMb: 96, signature: 0xcafe0007 }),
    },
  };
  let machine = await lab.machine('installed');
  await plugDrives(machine, disks);
  let imagetank = await machine.startImagetank('board = "none"\n');
  const labels = await adopt(imagetank);
  const found: number[] = [];
  await plugCard(machine, disks, SLOW);
  for (let cut = 1; cut <= CUTS; cut += 1) {
    const wanted = next() * MAX_PROGRESS;
    await imagetank.until(`has copied ${wanted}`, (status) => progressOf(status) > wanted);
    await sleep(next() * MAX_DELAY_MS);
    await machine.cutPower();
    machine = await lab.machine('installed', { stateOf: machine });
    const there = await lookAtDrives(machine, disks);
    found.push(there.size);
    await plugCard(machine, disks, SLOW);
    imagetank = await machine.startImagetank('board = "none"\n');
    for (const [id, paths] of await imagetank.settled('last start')) {
      const lost = paths.filter((path) => !there.has(`${labels.get(id)}/${path}`));
      assert.deepEqual(lost, [], `acknowledged, and not on ${labels.get(id)} after cut ${cut}`);
    }
  }
  lab.note(`files found after each cut: ${found.join(' ')} of ${2 * sumsOf(FILES).length}`);

  await machine.usb.speed('card', 0);
  await imagetank.until('green over the card', isGreenOver(1));
  await sleep(next() * MAX_AFTER_GREEN_MS);
  await machine.cutPower();
  machine = await lab.machine('installed', { stateOf: machine });
  const there = await lookAtDrives(machine, disks);
  assert.equal(there.size, 2 * sumsOf(FILES).length, 'what was green is there');
  await plugCard(machine, disks, 0);
  imagetank = await machine.startImagetank('board = "none"\n');
  await imagetank.until('green over the card', isGreenOver(1));
  await assertOnDrive(machine, FILES, FILES);
  for (const drive of DRIVES) {
    const { code, stdout, stderr } = await imagetank.command('verify', drive);
    assert.equal(code, 0, `imagetank verify ${drive}: ${stdout}${stderr}`);
  }
  await assertSafe(imagetank, 'EOS_DIGITAL');
}

/** Of the backup that runs or is done, from 0 to 1. */
function progressOf({ backups }: Status): number {
  const last = backups.findLast(({ outcome }) => outcome === null || outcome === 'done');
  return last === undefined || last.bytesTotal === 0 ? 0 : last.bytesDone / last.bytesTotal;
}

async function plugDrives({ usb }: Machine, { drives }: Disks): Promise<void> {
  for (const drive of DRIVES) await usb.plug(drive, { image: drives[drive] });
}

async function plugCard(machine: Machine, { card }: Disks, bytesPerSecond: number): Promise<void> {
  await machine.usb.plug('card', { image: card, readOnly: true, bytesPerSecond: 0 });
  await machine.volume('EOS_DIGITAL');
  await machine.usb.speed('card', bytesPerSecond);
}

/** Gives their labels by their ids. */
async function adopt(imagetank: Imagetank): Promise<ReadonlyMap<string, string>> {
  await imagetank.until('shows the drives', ({ cards }) => cards.length === DRIVES.length);
  for (const target of DRIVES) await imagetank.post('/drives/adopt', { target });
  const { drives } = await imagetank.until('is ready', ({ signal }) => signal === 'ready');
  return new Map(drives.map(({ id, label }) => [id, label]));
}

/**
 * Before imagetank has seen them again: what stands under a photo's name is that photo, once a drive. Gives their
 * paths, each after its drive's label. Mounted read-only; ext4 replays its journal, as it does for whoever looks first.
 */
async function lookAtDrives(machine: Machine, disks: Disks): Promise<ReadonlySet<string>> {
  await plugDrives(machine, disks);
  const whole = sumsOf(FILES);
  const there = new Set<string>();
  for (const label of DRIVES) {
    const look = LOOK.join(' ').replace('VOLUME', await machine.volume(label));
    const listed = (await machine.guest.sh(look)).split('\n').filter((line) => line !== '');
    const files = listed.map((line) => ({ sum: line.slice(0, 64), path: line.slice(68) }));
    for (const { sum, path } of files) {
      assert.ok(whole.includes(sum), `not a whole photo on ${label}: ${path}`);
      there.add(`${label}/${path}`);
    }
    const different = new Set(files.map(({ sum }) => sum));
    assert.equal(different.size, files.length, `each once on ${label}`);
  }
  return there;
}

/** All files but imagetank's own, `HASH  ./PATH`. */
const LOOK = [
  'mkdir -p /mnt/look && mount -o ro VOLUME /mnt/look && cd /mnt/look &&',
  '{ find . -path ./.imagetank -prune -o -path ./Photos/ascmhl -prune -o -type f -exec sha256sum {} + ;',
  'cd / && umount /mnt/look; }',
];
