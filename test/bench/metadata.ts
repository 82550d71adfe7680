import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Extension, shoot } from './card.ts';
import { BenchDaemon } from './daemon.ts';
import { backUp } from './imagetank.ts';
import { isRoot, settle } from './machine.ts';
import { type MetadataResult, type MetadataRun, metadataOf } from './metadata-figures.ts';
import { throttleReads } from './throttle.ts';
import { VolumeCard } from './volume.ts';

export interface MetadataSizes {
  readonly files: number;
  readonly fileBytes: number;
  /** Of the card, to everybody; null for as fast as it can. */
  readonly cardBytesPerSecond: number | null;
  readonly runs: number;
}

const KINDS = ['WAV', 'JPG', 'CR3'] as const satisfies readonly Extension[];

/** The same backup with files whose metadata is asked and without, by turns. Null where the card cannot be throttled. */
export async function measureMetadata(
  root: string,
  sizes: MetadataSizes,
  say: (text: string) => void,
): Promise<MetadataResult | null> {
  const { files, fileBytes, cardBytesPerSecond, runs } = sizes;
  const folder = join(root, 'metadata');
  mkdirSync(folder);
  if (!isRoot()) return skipped(say);
  const volume = new VolumeCard(folder, 'CARD');
  volume.make(KINDS.length * files * fileBytes);
  try {
    volume.write((path) => {
      for (const extension of KINDS) {
        mkdirSync(join(path, extension));
        shoot(join(path, extension), { from: 0, files, fileBytes, extension });
      }
    });
    const free =
      cardBytesPerSecond === null ? () => undefined : throttleReads(volume.path, cardBytesPerSecond);
    if (free === null) return skipped(say);
    try {
      const all: MetadataRun[] = [];
      for (let run = 0; run < runs; run += 1) {
        const took = { WAV: 0, JPG: 0, CR3: 0 };
        // Each begins once: none always follows the same one.
        for (const [at] of KINDS.entries()) {
          const kind = KINDS[(run + at) % KINDS.length] ?? 'WAV';
          took[kind] = await once(folder, join(volume.path, kind), sizes);
        }
        say(
          `A-metadata run ${run + 1} of ${runs}: ${KINDS.map((kind) => `${kind} ${took[kind].toFixed(0)} ms`).join(', ')}`,
        );
        all.push(took);
      }
      return metadataOf(all);
    } finally {
      free();
    }
  } finally {
    volume.remove();
  }
}

function skipped(say: (text: string) => void): null {
  say('A-metadata skipped: a throttled card needs root, and a kernel that throttles reads');
  return null;
}

async function once(root: string, card: string, { files, fileBytes }: MetadataSizes): Promise<number> {
  const state = join(root, 'state');
  const drive = join(root, 'drive');
  const daemon = await BenchDaemon.start(state, { probe: true });
  try {
    mkdirSync(drive);
    await daemon.command('drive', 'adopt', drive);
    await settle();
    const work = { card, drives: [drive], copied: files, known: 0, bytes: files * fileBytes };
    return (await backUp(daemon, work)).tookMs;
  } finally {
    await daemon.stop();
    for (const made of [state, drive]) rmSync(made, { recursive: true, force: true });
  }
}
