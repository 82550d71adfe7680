import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Fact } from '../../../machines/facts.ts';
import { type Box, openBox, someFiles } from '../box.ts';
import { Gate } from '../gate.ts';
import type { Note } from '../judge.ts';
import { Chance, spread } from '../random.ts';
import { MB, openRoom, type RoomKind, type Size, whyNoRoom } from '../room.ts';
import { Score, type Stage, skipped } from '../stage.ts';

const KINDS: readonly RoomKind[] = ['tmpfs', 'ext4'];
const WANTS = ['bytes', 'inodes'] as const;
type Want = (typeof WANTS)[number];

const ENOUGH: Size = { bytes: 16 * MB, inodes: 300 };
/** Less than the card needs. */
const TOO_SMALL_BYTES = 4 * MB;
const SHORT_MOMENTS = 8;

/** A drive without room: refused before, stopped in the middle, and gone on with when there is room. */
export const stage: Stage = {
  name: 'full',
  run: async ({ full, seed, print }) => {
    const reasons = KINDS.map(whyNoRoom);
    const kinds = KINDS.filter((_, at) => reasons[at] === null);
    const why = reasons.filter((reason) => reason !== null).join('; ');
    if (kinds.length === 0) return skipped(why);
    if (why !== '') print(`  not tried: ${why}`);
    const score = new Score(print);
    for (const kind of kinds) {
      await tooSmall(kind, score);
      const moments = await momentsOf(kind);
      const limit = full ? Number.POSITIVE_INFINITY : SHORT_MOMENTS;
      for (const want of WANTS)
        for (const moment of spread(moments, limit, seed)) await fillsUp(kind, want, moment, score);
    }
    return score.figures();
  },
};

const filesOf = () => someFiles(new Chance(1)).set('DCIM/100TEST/MVI_1.MP4', new Chance(2).bytes(4 * MB));

type InRoom = (box: Box, room: string) => Promise<void>;

async function inRoom(kind: RoomKind, size: Size, action: InRoom): Promise<void> {
  const room = openRoom(kind, size);
  const box = await openBox(filesOf(), { drivesIn: room.path });
  try {
    await action(box, room.path);
  } finally {
    await box.remove();
    room.remove();
  }
}

async function tooSmall(kind: RoomKind, score: Score): Promise<void> {
  const note: Note = (harm, text) => score.note(harm, `${kind} too small: ${text}`);
  await inRoom(kind, ENOUGH, async (box, room) => {
    const ballast = fill(room, TOO_SMALL_BYTES);
    const end = await box.world.backup();
    score.tried();
    await judgeStop(box, end, note);
    if (Object.keys(await box.world.onDrive()).length > 0) note('wrong', 'something was copied all the same');
    rmSync(ballast);
    await box.judgeNext(note);
  });
}

/** Questions to the drive in a whole run. */
async function momentsOf(kind: RoomKind): Promise<readonly number[]> {
  const gate = new Gate(async () => undefined);
  await inRoom(kind, ENOUGH, async (box) => {
    await box.world.backup({ drives: [gate.through(box.world.drive, 'drive')] });
  });
  return Array.from({ length: gate.moments }, (_, at) => at + 1);
}

/** Somebody else takes all that is left, at this moment. */
async function fillsUp(kind: RoomKind, want: Want, moment: number, score: Score): Promise<void> {
  const note: Note = (harm, text) => score.note(harm, `${kind} out of ${want} at ${moment}: ${text}`);
  await inRoom(kind, ENOUGH, async (box, room) => {
    let ballast = '';
    const gate = new Gate(async (now) => {
      if (now === moment) ballast = want === 'bytes' ? fill(room, 0) : crowd(room);
    });
    try {
      const end = await box.world.backup({ drives: [gate.through(box.world.drive, 'drive')] });
      score.tried();
      await judgeStop(box, end, note);
      rmSync(ballast, { recursive: true });
      await box.judgeNext(note);
    } catch (error) {
      note('wrong', String(error));
    }
  });
}

/** Near the end there may be room enough. */
async function judgeStop(box: Box, end: Fact, note: Note): Promise<void> {
  await box.judge(end, note);
  const fine = end.type === 'BackupFinished' || (end.type === 'BackupFailed' && end.reason === 'drive-full');
  if (!fine) note('wrong', `ended with ${JSON.stringify(end)}`);
}

/** A file that leaves so many bytes free, or none. */
function fill(folder: string, freeBytes: number): string {
  const path = join(folder, 'ballast');
  const handle = openSync(path, 'w');
  const { bavail, bsize } = statfsSync(folder);
  try {
    for (let left = bavail * bsize - freeBytes; left > 0; left -= MB)
      writeSync(handle, Buffer.alloc(Math.min(left, MB)));
    // The last bytes of the last blocks.
    if (freeBytes === 0) for (;;) if (writeSync(handle, Buffer.alloc(512)) === 0) break;
  } catch {
    // No room is what is wanted.
  } finally {
    closeSync(handle);
  }
  return path;
}

/** As many empty files as there can be. */
function crowd(folder: string): string {
  const path = join(folder, 'crowd');
  try {
    mkdirSync(path);
    for (let at = 0; at < ENOUGH.inodes; at += 1) writeFileSync(join(path, String(at)), '');
  } catch {
    // No room is what is wanted.
  }
  return path;
}
