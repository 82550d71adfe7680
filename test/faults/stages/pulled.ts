import type { Fact } from '../../../machines/facts.ts';
import { CardError, DriveError, isCardError } from '../../../services/errors.ts';
import type { CardReader } from '../../../services/media-ports.ts';
import type { Order } from '../../backup/world.ts';
import { type Box, type Files, openBox, someFiles } from '../box.ts';
import { Gate } from '../gate.ts';
import type { Note } from '../judge.ts';
import { Chance, spread } from '../random.ts';
import { type Harm, Score, type Stage } from '../stage.ts';
import { replaced } from '../tamper.ts';

const SHORT_MOMENTS = 30;

/** What a card that is gone answers: an error at once, or first an error that says nothing, and lists as empty. */
const WAYS = ['gone', 'io-error', 'told'] as const;
type Way = (typeof WAYS)[number];

/** The card, or one of two drives, goes away at any moment and comes back. */
export const stage: Stage = {
  name: 'pulled',
  run: async ({ full, seed, print }) => {
    const score = new Score(print);
    const files = manyFolders(new Chance(seed));
    const limit = full ? Number.POSITIVE_INFINITY : SHORT_MOMENTS;
    const wanted = await wholeRun(files);
    for (const way of WAYS) {
      for (const moment of spread(upTo(wanted.cardMoments), limit, seed))
        await pullCard(files, way, moment, wanted.onDrive, score);
    }
    for (const moment of spread(upTo(wanted.driveMoments), limit, seed))
      await pullDrive(files, moment, wanted.onDrive, score);
    return score.figures();
  },
};

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at + 1);

/** Several folders: a card may go between two of them. */
function manyFolders(chance: Chance): Files {
  const files = new Map(someFiles(chance));
  for (let at = 0; at < 12; at += 1) {
    files.set(`DCIM/${101 + Math.floor(at / 4)}TEST/DSC_${at}.JPG`, chance.bytes(1000 + at));
  }
  return files;
}

interface WholeRun {
  readonly onDrive: Readonly<Record<string, string>>;
  readonly cardMoments: number;
  readonly driveMoments: number;
}

async function wholeRun(files: Files): Promise<WholeRun> {
  const box = await openBox(files, { drives: 2 });
  const { world } = box;
  try {
    const cards = new Gate(async () => undefined);
    const drives = new Gate(async () => undefined);
    const end = await world.backup({
      cards: cards.through(world.cards, 'card'),
      drives: world.drives.map((store, at) => (at === 0 ? drives.through(store, 'drive') : store)),
    });
    if (end.type !== 'BackupFinished') throw new Error(`a run without faults: ${JSON.stringify(end)}`);
    return {
      onDrive: await world.onDrive(),
      cardMoments: cards.moments,
      driveMoments: drives.moments,
    };
  } finally {
    await box.remove();
  }
}

async function pullCard(
  files: Files,
  way: Way,
  moment: number,
  wanted: WholeRun['onDrive'],
  score: Score,
): Promise<void> {
  const note = (harm: Harm, text: string) =>
    score.note(harm, `card pulled (${way}) at moment ${moment}: ${text}`);
  const box = await openBox(files);
  try {
    const end = await box.world.backup(pullable(box.world.cards, way, moment));
    score.tried();
    await box.judge(end, note);
    judgeEnd(end, note);
    await judgeReturn(box, wanted, note);
  } catch (error) {
    note('wrong', String(error));
  } finally {
    await box.remove();
  }
}

/** Pulled after its last byte it does not fail; before, it is interrupted or named. */
function judgeEnd(end: Fact, note: Note): void {
  const fine =
    end.type === 'BackupFinished' ||
    (end.type === 'BackupInterrupted' && end.reason === 'card-removed') ||
    (end.type === 'BackupFailed' && end.reason === 'card-unreadable');
  if (!fine) note('wrong', `ended with ${JSON.stringify(end)}`);
}

/** The identical set, as if nothing had happened. */
async function judgeReturn(box: Box, wanted: WholeRun['onDrive'], note: Note): Promise<void> {
  await box.judgeNext(note);
  for (const store of box.world.drives) {
    const onDrive = await box.world.onDrive(store);
    for (const path of Object.keys({ ...wanted, ...onDrive }))
      if (onDrive[path] !== wanted[path])
        note('wrong', `${store.drive.label}: ${path} is not as in a whole run`);
  }
}

function pullable(real: CardReader, way: Way, moment: number): Order {
  let gone = false;
  const gate = new Gate(async (now, call) => {
    if (now < moment) return;
    const first = !gone;
    gone = true;
    if (call === 'card.isPresent') return;
    // The read in flight gives EIO; whether the card is there has to be asked.
    const code = way === 'io-error' && first ? 'unreadable' : 'gone';
    // `told`: the kernel announced it first; the engine is told by `stop`, and what it asks finds nothing.
    throw new CardError(code, `${call}: pulled`);
  });
  const cards = gate.through(real, 'card');
  return {
    cards: replaced(cards, {
      isPresent: async (root) => (await cards.isPresent(root)) && !gone,
      // Of many files each fails for itself.
      readStarts: (root, files, maxBytes) =>
        cards.readStarts(root, files, maxBytes).catch((error: unknown) => {
          if (!isCardError(error)) throw error;
          return { files: files.map(() => error), release: () => undefined };
        }),
    }),
    stop: () => (gone && way === 'told' ? 'card-removed' : null),
  };
}

async function pullDrive(
  files: Files,
  moment: number,
  wanted: WholeRun['onDrive'],
  score: Score,
): Promise<void> {
  const note = (harm: Harm, text: string) => score.note(harm, `drive pulled at moment ${moment}: ${text}`);
  const box = await openBox(files, { drives: 2 });
  const { world } = box;
  try {
    const gate = new Gate(async (now, call) => {
      if (now >= moment) throw new DriveError('drive-lost', `${call}: pulled`);
    });
    const [first, second] = world.drives;
    if (first === undefined || second === undefined) throw new Error('two drives are needed');
    const end = await world.backup({ drives: [gate.through(first, 'drive'), second] });
    score.tried();
    await box.judge(end, note, world.drives);
    // The other one completes, whatever becomes of this one.
    box.judgeWhole(await world.onDrive(second), note);
    if (end.type !== 'BackupFailed' || end.reason !== 'drive-lost')
      note('wrong', `ended with ${JSON.stringify(end)}`);
    await judgeReturn(box, wanted, note);
  } catch (error) {
    note('wrong', String(error));
  } finally {
    await box.remove();
  }
}
