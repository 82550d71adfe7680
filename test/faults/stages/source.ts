import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Fact } from '../../../machines/facts.ts';
import type { ReadBack } from '../../../services/media-ports.ts';
import type { Order } from '../../backup/world.ts';
import { type Box, openBox, someFiles } from '../box.ts';
import type { Note } from '../judge.ts';
import { Chance } from '../random.ts';
import { MB, openRoom, type Size, whyNoRoom } from '../room.ts';
import { type Harm, Score, type Stage } from '../stage.ts';
import { badCard, badDrive, flipBit, flipBitOfFile, flipBitOfMedium, withFlippedBit } from '../tamper.ts';

/** A fault, and how the backup may end with it. */
interface Case {
  readonly order: Order;
  /** `noticed`: the file cannot be right, so it has to fail. `safe`: whole, or failed by name. */
  readonly end: 'whole' | 'noticed' | 'safe';
  /** How often it struck; a fault that strikes nothing proves nothing. */
  readonly struck: () => number;
}

type Kind = (box: Box, chance: Chance) => Case;

const KINDS: Readonly<Record<string, Kind>> = {
  'short read': (box, chance) => badReading(box, chance, 'safe', (bytes) => 1 + chance.below(bytes.length)),
  'false end once': (box, chance) => falseEnd(box, chance, 'whole', (reading) => reading === 1),
  'false end always': (box, chance) => falseEnd(box, chance, 'noticed', () => true),
  'bit flip in source, first reading': (box, chance) => flippedSource(box, chance, 1),
  'bit flip in source, second reading': (box, chance) => flippedSource(box, chance, 2),
  'bit flip in memory once': (box, chance) => flippedMemory(box, chance, 'whole', 1),
  'bit flip in memory always': (box, chance) =>
    flippedMemory(box, chance, 'noticed', Number.POSITIVE_INFINITY),
  'bit flip in destination once': (box, chance) => flippedDestination(box, chance, 'whole', 1),
  'bit flip in destination always': (box, chance) =>
    flippedDestination(box, chance, 'noticed', Number.POSITIVE_INFINITY),
};
/** These need a file system whose medium lies open. */
const MEDIUM_KINDS: Readonly<Record<string, (box: Box, chance: Chance, image: string) => Case>> = {
  'bit flip on the medium once': (box, chance, image) => flippedMedium(box, chance, image, 'whole', 1),
  'bit flip on the medium always': (box, chance, image) =>
    flippedMedium(box, chance, image, 'noticed', Number.POSITIVE_INFINITY),
};
const SHORT_POINTS = 20;
const FULL_POINTS = 1000;
const MEDIUM: Size = { bytes: 16 * MB, inodes: 300 };

/** What is read or written is not what it should be, and no call fails. */
export const stage: Stage = {
  name: 'source',
  run: async ({ full, seed, print }) => {
    const score = new Score(print);
    const points = Array.from(
      { length: full ? FULL_POINTS : SHORT_POINTS },
      (_, at) => seed * 1_000_000 + at,
    );
    for (const [kind, make] of Object.entries(KINDS)) {
      for (const point of points) {
        // Kinds of file systems differ in how files are synced and read back.
        const box = await openBox(someFiles(new Chance(point)), point % 2 === 0 ? {} : { folder: tmpdir() });
        await tryCase(kind, box, make, point, score);
      }
    }
    const why = whyNoRoom('ext4');
    if (why !== null) print(`  not tried, bit flips on the medium: ${why}`);
    for (const [kind, make] of Object.entries(why === null ? MEDIUM_KINDS : {})) {
      for (const point of points) {
        const room = openRoom('ext4', MEDIUM);
        const box = await openBox(someFiles(new Chance(point)), { drivesIn: room.path });
        await tryCase(kind, box, (own, chance) => make(own, chance, room.image), point, score);
        room.remove();
      }
    }
    return score.figures();
  },
};

async function tryCase(kind: string, box: Box, make: Kind, seed: number, score: Score): Promise<void> {
  const note = (harm: Harm, text: string) => score.note(harm, `${kind}, seed ${seed}: ${text}`);
  try {
    const { order, end, struck } = make(box, new Chance(seed + 1));
    const fact = await box.world.backup(order);
    if (struck() > 0) score.tried();
    else note('wrong', 'the fault struck nothing');
    await box.judge(fact, note);
    judgeEnd(fact, end, note);
    await box.judgeNext(note);
  } catch (error) {
    note('wrong', String(error));
  } finally {
    await box.remove();
  }
}

function judgeEnd(fact: Fact, end: Case['end'], note: Note): void {
  const finished = fact.type === 'BackupFinished';
  if (end === 'whole' && !finished) note('wrong', `a second try was to mend it: ${JSON.stringify(fact)}`);
  if (end === 'noticed' && finished) note('wrong', 'not noticed');
}

const pathsOf = (box: Box): readonly string[] => [...box.files.keys()];

function badReading(
  box: Box,
  chance: Chance,
  end: Case['end'],
  read: (bytes: Uint8Array, position: number, reading: number) => number,
): Case {
  const path = chance.pick(pathsOf(box));
  let struck = 0;
  const counted = (bytes: Uint8Array, position: number, reading: number) => {
    struck += 1;
    return bytes.length === 0 ? 0 : read(bytes, position, reading);
  };
  const cards = badCard(box.world.cards, { path, read: counted });
  return { order: { cards }, end, struck: () => struck };
}

function falseEnd(box: Box, chance: Chance, end: Case['end'], when: (reading: number) => boolean): Case {
  const path = chance.pick(pathsOf(box));
  const at = chance.below(box.files.get(path)?.length ?? 0);
  let struck = 0;
  const read = (bytes: Uint8Array, position: number, reading: number) => {
    if (!when(reading) || position + bytes.length <= at) return bytes.length;
    struck += 1;
    return Math.max(0, at - position);
  };
  return { order: { cards: badCard(box.world.cards, { path, read }) }, end, struck: () => struck };
}

/** Only reading twice can tell: one of the two is wrong, once. */
function flippedSource(box: Box, chance: Chance, which: number): Case {
  const path = chance.pick(pathsOf(box));
  const bit = chance.below((box.files.get(path)?.length ?? 1) * 8);
  let struck = 0;
  const strikes = (position: number, bytes: number, reading: number) => {
    const at = Math.floor(bit / 8);
    if (reading !== which || at < position || at >= position + bytes) return false;
    struck += 1;
    return true;
  };
  const read = (bytes: Uint8Array, position: number, reading: number) => {
    if (strikes(position, bytes.length, reading)) flipBit(bytes, bit - position * 8);
    return bytes.length;
  };
  const again = (result: ReadBack, reading: number) => {
    if (reading !== which) return result;
    struck += 1;
    const hash = Buffer.from(result.xxh64, 'hex');
    flipBit(hash, bit);
    return { ...result, xxh64: hash.toString('hex') };
  };
  const cards = badCard(box.world.cards, { path, read, again });
  return { order: { cards, verify: 'source-twice' }, end: 'safe', struck: () => struck };
}

function flippedMemory(box: Box, chance: Chance, end: Case['end'], times: number): Case {
  const from = 1 + chance.below(box.files.size);
  const bit = chance.below(1 << 23);
  let struck = 0;
  const write = (bytes: Uint8Array, number: number) => {
    if (number < from || struck >= times || bytes.length === 0) return bytes;
    struck += 1;
    return withFlippedBit(bytes, bit);
  };
  return { order: { drives: [badDrive(box.world.drive, { write })] }, end, struck: () => struck };
}

function flippedDestination(box: Box, chance: Chance, end: Case['end'], times: number): Case {
  const from = 1 + chance.below(box.files.size);
  const bit = chance.below(1 << 23);
  let struck = 0;
  const flushed = async (path: string, number: number) => {
    if (number < from || struck >= times) return;
    struck += 1;
    await flipBitOfFile(path, bit);
  };
  return { order: { drives: [badDrive(box.world.drive, { flushed })] }, end, struck: () => struck };
}

/** A cell that changes behind the cache of the file system: only what is read past it can tell. */
function flippedMedium(box: Box, chance: Chance, image: string, end: Case['end'], times: number): Case {
  const from = 1 + chance.below(box.files.size);
  const bit = chance.below(1 << 23);
  let struck = 0;
  const flushed = async (path: string, number: number) => {
    if (number < from || struck >= times) return;
    const content = await readFile(path);
    if (!(await flipBitOfMedium(image, content, bit))) return;
    struck += 1;
    if (!(await readFile(path)).equals(content))
      throw new Error('the cache shows it: nothing would be proved');
  };
  return { order: { drives: [badDrive(box.world.drive, { flushed })] }, end, struck: () => struck };
}
