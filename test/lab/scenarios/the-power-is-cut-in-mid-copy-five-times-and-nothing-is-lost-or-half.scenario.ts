import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertOnDrive, assertSafe, isGreenOver, sumsOf } from '../box.ts';
import { photos } from '../images/photos.ts';
import type { Lab } from '../lab.ts';
import type { Machine } from '../machine.ts';
import { random } from '../random.ts';
import type { Imagetank } from '../vm/imagetank.ts';

/** Two batches: what was copied is verified, placed and recorded 256 files at a time (services/backup/batch.ts). */
const FILES = photos(400, 2_000);
/** The drives, so that what is made durable takes long enough to be cut short. */
const SLOW = 250_000;
const CUTS = 5;
/** After the copy was seen to go on. */
const MAX_DELAY_MS = 15_000;
/** So many cuts come at any moment; hosts differ in speed, so the others wait until there is something to lose. */
const EARLY_CUTS = 2;
const PATIENCE_MS = 300_000;
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
  await plugCard(machine, disks);
  for (let cut = 1; cut <= CUTS; cut += 1) {
    // A copy that was cut when it was nearly done is over before anybody asks.
    await imagetank.until('copies', (status) => status.state === 'copying' || isGreenOver(1)(status));
    if (cut > EARLY_CUTS) await lab.eventually('acknowledged', () => isAnySettled(imagetank), PATIENCE_MS);
    await slowDown(machine, SLOW);
    await sleep(next() * MAX_DELAY_MS);
    await machine.cutPower();
    machine = await lab.machine('installed', { stateOf: machine });
    const there = await lookAtDrives(machine, disks);
    found.push(there.size);
    await plugCard(machine, disks);
    imagetank = await machine.startImagetank('board = "none"\n');
    for (const [id, paths] of await imagetank.settled('last start')) {
      const lost = paths.filter((path) => !there.has(`${labels.get(id)}/${path}`));
      assert.deepEqual(lost, [], `acknowledged, and not on ${labels.get(id)} after cut ${cut}`);
    }
  }
  lab.note(`files found after each cut: ${found.join(' ')} of ${2 * sumsOf(FILES).length}`);

  await imagetank.until('green over the card', isGreenOver(1));
  await sleep(next() * MAX_AFTER_GREEN_MS);
  await machine.cutPower();
  machine = await lab.machine('installed', { stateOf: machine });
  const there = await lookAtDrives(machine, disks);
  assert.equal(there.size, 2 * sumsOf(FILES).length, 'what was green is there');
  await plugCard(machine, disks);
  imagetank = await machine.startImagetank('board = "none"\n');
  await imagetank.until('green over the card', isGreenOver(1));
  await assertOnDrive(machine, FILES, FILES);
  for (const drive of DRIVES) {
    const { code, stdout, stderr } = await imagetank.command('verify', drive);
    assert.equal(code, 0, `imagetank verify ${drive}: ${stdout}${stderr}`);
  }
  await assertSafe(imagetank, 'EOS_DIGITAL');
}

const isAnySettled = async (imagetank: Imagetank): Promise<boolean> => (await imagetank.settled()).size > 0;

async function plugDrives({ usb }: Machine, { drives }: Disks): Promise<void> {
  for (const drive of DRIVES) await usb.plug(drive, { image: drives[drive], bytesPerSecond: 0 });
}

async function slowDown({ usb }: Machine, bytesPerSecond: number): Promise<void> {
  for (const drive of DRIVES) await usb.speed(drive, bytesPerSecond);
}

async function plugCard(machine: Machine, { card }: Disks): Promise<void> {
  await machine.usb.plug('card', { image: card, readOnly: true });
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
