import { mkdir, mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Fact } from '../../machines/facts.ts';
import { NOON, type Order, quickFolder, World } from '../backup/world.ts';
import type { Note } from './judge.ts';
import type { Chance } from './random.ts';

/** Path on the card → content; no two are alike. */
export type Files = ReadonlyMap<string, Buffer>;

/** Small ones that are read in batches, one of several blocks, odd sizes; an empty one has no bit to flip. */
const SIZES = [1, 511, 4096, 4097, 20_000, 70_000, 1024 * 1024 + 5];

const SALVAGE = /\.partial(_\d+)?\.\w+$/;

export function someFiles(chance: Chance): Map<string, Buffer> {
  const files = SIZES.map((bytes, at): [string, Buffer] => [
    `DCIM/100TEST/IMG_${at}.JPG`,
    chance.bytes(bytes),
  ]);
  return new Map(files);
}

/** The engine with real ports on real folders, in this process: a backup takes milliseconds. */
export class Box {
  readonly world: World;
  readonly files: Files;

  constructor(world: World, files: Files) {
    this.world = world;
    this.files = files;
  }

  remove(): Promise<void> {
    return rm(this.world.root, { recursive: true, force: true });
  }

  /** Green has every file; anything else has a reason, and what is there is whole. */
  async judge(end: Fact, note: Note, drives = this.world.drives): Promise<void> {
    if (end.type !== 'BackupFinished' && !('reason' in end)) note('wrong', `ended with ${end.type}`);
    for (const store of drives) {
      const onDrive = await this.world.onDrive(store);
      this.#judgeNames(onDrive, note);
      if (end.type === 'BackupFinished') this.judgeWhole(onDrive, note);
      for (const name of await this.world.incoming(store)) note('wrong', `left in incoming: ${name}`);
      for (const fact of this.world.journal.of('FilesSettled')) {
        if (fact.driveId !== store.drive.id) continue;
        for (const { path, to } of [...fact.copied, ...fact.duplicates])
          if (onDrive[to] !== this.files.get(path)?.toString('latin1')) note('lost', `${to}: settled`);
      }
    }
  }

  #judgeNames(onDrive: Readonly<Record<string, string>>, note: Note): void {
    const known = new Map([...this.files].map(([path, bytes]) => [bytes.toString('latin1'), basename(path)]));
    const seen = new Set<string>();
    for (const [path, content] of Object.entries(onDrive)) {
      // What was salvaged of a file that failed: its name says so.
      if (SALVAGE.test(path)) continue;
      if (known.get(content) !== basename(path)) note('wrong', `${path} is no file of the card`);
      if (seen.has(content)) note('doubled', path);
      seen.add(content);
    }
  }

  /** Every file of the card but those that may be missing. */
  judgeWhole(onDrive: Readonly<Record<string, string>>, note: Note, but: readonly string[] = []): void {
    const there = new Set(Object.values(onDrive));
    for (const [path, bytes] of this.files)
      if (!there.has(bytes.toString('latin1')) && !but.includes(path)) note('lost', path);
  }

  /** Without faults it finishes, and what is on the drive stays as it is. */
  async judgeNext(note: Note, order: Order = {}): Promise<void> {
    const { world } = this;
    const before = await world.onDrive();
    const end = await world.backup(order);
    if (end.type !== 'BackupFinished') note('wrong', `the next backup: ${JSON.stringify(end)}`);
    await this.judge(end, note, order.drives as typeof world.drives | undefined);
    for (const [path, content] of Object.entries(before))
      if ((await readFile(join(world.drive.drive.path, path), 'latin1')) !== content)
        note('wrong', `${path} changed later`);
  }
}

export interface BoxOptions {
  /** Default 1. */
  readonly drives?: number;
  /** Where card and drives are to lie; default in memory, where there is some. */
  readonly folder?: string;
  /** Where the drives are to lie instead. */
  readonly drivesIn?: string;
}

export async function openBox(files: Files, options: BoxOptions = {}): Promise<Box> {
  const { drives = 1, folder = quickFolder(), drivesIn } = options;
  const root = await realpath(await mkdtemp(join(folder, 'imagetank-fault-')));
  const world = new World(root);
  await mkdir(join(root, 'card'));
  if (drivesIn !== undefined) await symlink(drivesIn, join(root, 'drives'));
  for (const [path, content] of files) await world.put(path, content, NOON);
  for (let at = 0; at < drives; at += 1) await world.addDrive(`TANK${at}`);
  return new Box(world, files);
}
