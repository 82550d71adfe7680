import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createExifReader } from '../../../adapters/exif/exif-reader.ts';
import { openNodeWorker } from '../../../adapters/node/worker.ts';
import type { MetadataReader } from '../../../services/media-ports.ts';
import { openBox } from '../box.ts';
import type { Note } from '../judge.ts';
import { treeOf } from '../judge.ts';
import { BUNDLE, run } from '../program.ts';
import { Chance } from '../random.ts';
import { Score, type Stage } from '../stage.ts';
import { Scene } from '../story.ts';

type Metadata = Pick<MetadataReader, 'captures'>;

const CARDS = join(process.cwd(), 'test/cards');
const SHORT_MUTANTS = 300;
const FULL_MUTANTS = 10_000;
/** On one card, for one backup. */
const MUTANTS_A_CARD = 100;
/** Metadata lies in front; the rest of a photo is pixels, which nobody reads. */
const MAX_BYTES = 64 * 1024;

/** Hostile photos: whatever the reader of metadata makes of them, the daemon lives and copies them whole. */
export const stage: Stage = {
  name: 'mutants',
  run: async ({ full, seed, print }) => {
    const score = new Score(print);
    await brokenCard(score);
    const reader = createExifReader({ open: openNodeWorker, workerPath: join(BUNDLE, 'exif-worker.js') });
    let days = 0;
    const metadata: Metadata = {
      captures: async (asked) => {
        const captures = await reader.captures(asked);
        days += captures.filter((capture) => capture?.at !== undefined).length;
        return captures;
      },
    };
    try {
      const photos = samples();
      const count = full ? FULL_MUTANTS : SHORT_MUTANTS;
      for (let from = 0; from < count; from += MUTANTS_A_CARD)
        await tryMutants(photos, seed * 1_000_000 + from, metadata, score);
      // Some are still photos: without their days nobody would have read what is hostile in the others.
      if (days === 0) score.note('wrong', 'no metadata was ever read');
    } finally {
      await reader.stop();
    }
    return score.figures();
  },
};

/** By the whole daemon: it has to end by itself, in green. */
async function brokenCard(score: Score): Promise<void> {
  const note: Note = (harm, text) => score.note(harm, `card BROKEN: ${text}`);
  const scene = new Scene({ name: 'broken', drives: ['drive'], before: 0 });
  try {
    await scene.prepare();
    scene.reset();
    cpSync(join(CARDS, 'BROKEN'), join(scene.root, 'card'), { recursive: true });
    const { code, words, errors } = await run(scene.order('once'));
    if (code !== 0 || words?.light !== 'ready') note('wrong', `ended with ${code}: ${errors}`);
    const there = new Set(scene.photos('drive').values());
    const card = treeOf(join(CARDS, 'BROKEN'), ['']);
    for (const [path, hash] of card) if (!there.has(hash)) note('lost', path);
    score.tried(card.size);
  } finally {
    scene.remove();
  }
}

function samples(): readonly Buffer[] {
  return readdirSync(CARDS, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(JPG|NEF|CR2|DNG|FUZZED)$/i.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)).subarray(0, MAX_BYTES));
}

async function tryMutants(
  photos: readonly Buffer[],
  seed: number,
  metadata: Metadata,
  score: Score,
): Promise<void> {
  const note: Note = (harm, text) => score.note(harm, `mutants of seed ${seed}: ${text}`);
  const chance = new Chance(seed);
  const files = new Map<string, Buffer>();
  for (let at = 0; at < MUTANTS_A_CARD; at += 1)
    files.set(
      `DCIM/100BROKE/BAD_${at}.${chance.pick(['JPG', 'NEF', 'CR2'])}`,
      mutantOf(chance.pick(photos), chance),
    );
  const box = await openBox(files);
  try {
    const end = await box.world.backup({ metadata });
    score.tried(files.size);
    if (end.type !== 'BackupFinished') note('wrong', JSON.stringify(end));
    const there = new Map(
      Object.entries(await box.world.onDrive()).map(([path, content]) => [content, basename(path)]),
    );
    for (const [path, bytes] of files) if (!there.has(bytes.toString('latin1'))) note('lost', path);
  } catch (error) {
    note('wrong', String(error));
  } finally {
    await box.remove();
  }
}

/** Bits flipped, numbers at the edge of their range, parts cut out, repeated or moved, the end cut off. */
function mutantOf(photo: Buffer, chance: Chance): Buffer {
  let bytes = Buffer.from(photo);
  // Most of what readers look at lies in the first kilobytes.
  const place = () => chance.below(chance.below(2) === 0 ? Math.min(4096, bytes.length) : bytes.length);
  for (let left = 1 + chance.below(20); left > 0 && bytes.length > 8; left -= 1) {
    const at = place();
    const length = chance.below(Math.min(2000, bytes.length - at));
    const part = bytes.subarray(at, at + length);
    const kind = chance.below(6);
    if (kind === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.below(8));
    if (kind === 1)
      bytes.writeUInt32BE(
        chance.pick([0, 1, 0x7fffffff, 0x80000000, 0xffffffff]),
        Math.min(at, bytes.length - 4),
      );
    if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
    if (kind === 4) bytes.set(part, Math.min(place(), bytes.length - part.length));
    if (kind === 5 && chance.below(5) === 0) bytes = bytes.subarray(0, at + 1);
  }
  return bytes;
}
