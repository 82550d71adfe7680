import { cpSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { driveId } from '../../machines/ids.ts';
import { shoot } from './card.ts';
import { fillCatalogue } from './catalogue-fill.ts';
import { BenchDaemon } from './daemon.ts';
import { warm } from './files.ts';
import type { GrowthRun } from './growth-figures.ts';
import { backUp } from './imagetank.ts';
import { settle } from './machine.ts';

export interface GrowthSizes {
  /** Ascending; the first is the base that is taken off. */
  readonly files: readonly number[];
  readonly photos: readonly number[];
  readonly fileBytes: number;
  readonly rounds: number;
}

export const FULL_GROWTH: GrowthSizes = {
  files: [10, 1000, 10_000, 50_000],
  photos: [0, 100_000, 1_000_000],
  fileBytes: 20_000,
  rounds: 3,
};

export const QUICK_GROWTH: GrowthSizes = {
  files: [10, 100, 500],
  photos: [0, 5000],
  fileBytes: 20_000,
  rounds: 1,
};

/** Backups of so many files beside catalogues of so many photos, all of them in each round. */
export async function growthRounds(
  root: string,
  sizes: GrowthSizes,
  say: (text: string) => void,
): Promise<readonly (readonly GrowthRun[])[]> {
  const cards = new Map(sizes.files.map((files) => [files, makeCard(root, files, sizes.fileBytes)]));
  const box = await Box.make(root);
  for (const photos of sizes.photos) await box.fill(photos);
  const rounds: GrowthRun[][] = [];
  for (let round = 1; round <= sizes.rounds; round += 1) {
    const runs: GrowthRun[] = [];
    for (const [files, card] of cards) {
      for (const photos of sizes.photos) {
        runs.push(await box.backUp(card, files, photos, sizes.fileBytes));
      }
    }
    say(`growth round ${round} of ${sizes.rounds}: ${runs.map(words).join(', ')}`);
    rounds.push(runs);
  }
  return rounds;
}

const words = ({ files, photos, tookMs }: GrowthRun) => `${files}/${photos} ${tookMs.toFixed(0)} ms`;

function makeCard(root: string, files: number, fileBytes: number): string {
  const card = join(root, `card-${files}`);
  mkdirSync(card);
  shoot(card, { from: 0, files, fileBytes });
  return card;
}

/** One drive and its state folders, each kept as it is before the backup. */
class Box {
  readonly #root: string;
  readonly #drive: string;
  readonly #kept: string;
  #used = 0;

  private constructor(root: string) {
    this.#root = root;
    this.#drive = join(root, 'drive');
    this.#kept = join(root, 'drive-kept');
  }

  /** A drive that was adopted, without a photo. */
  static async make(root: string): Promise<Box> {
    const box = new Box(root);
    mkdirSync(box.#drive);
    const daemon = await BenchDaemon.start(box.#stateOf('none'), { probe: false });
    try {
      await daemon.command('drive', 'adopt', box.#drive);
    } finally {
      await daemon.stop();
    }
    cpSync(box.#drive, box.#kept, { recursive: true });
    return box;
  }

  async fill(photos: number): Promise<void> {
    const state = this.#stateOf(String(photos));
    copyState(this.#stateOf('none'), state);
    const text = readFileSync(join(this.#kept, '.imagetank', 'drive.json'), 'utf8');
    const { id } = JSON.parse(text) as { readonly id: string };
    await fillCatalogue(state, driveId(id), photos);
  }

  async backUp(card: string, files: number, photos: number, fileBytes: number): Promise<GrowthRun> {
    const state = join(this.#next(), 'state');
    copyState(this.#stateOf(String(photos)), state);
    await settle();
    warm(card);
    const daemon = await BenchDaemon.start(state, { probe: true });
    try {
      const work = { card, drives: [this.#drive], copied: files, known: 0, bytes: files * fileBytes };
      const { tookMs, cpuSeconds, rssBytes } = await backUp(daemon, work);
      return { files, photos, tookMs, cpuSeconds, rssBytes, startToReadyMs: daemon.startToReadyMs };
    } finally {
      await daemon.stop();
    }
  }

  /** Puts the drive of the last backup aside, and an empty one in its place; nothing is deleted (see `turns.ts`). */
  #next(): string {
    this.#used += 1;
    const used = join(this.#root, `used-${this.#used}`);
    mkdirSync(used);
    renameSync(this.#drive, join(used, 'drive-before'));
    cpSync(this.#kept, this.#drive, { recursive: true });
    return used;
  }

  #stateOf(name: string): string {
    return join(this.#root, `state-${name}`);
  }
}

/** A journal that was closed is one file; what stands beside it goes when its last statement is collected. */
function copyState(from: string, to: string): void {
  cpSync(from, to, { recursive: true, filter: (path) => !/-(wal|shm)$/.test(path) });
}
