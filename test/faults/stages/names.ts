import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import fc from 'fast-check';
import type { Layout } from '../../../services/library/layout.ts';
import { clashKey } from '../../../services/library/names.ts';
import type { DriveStore } from '../../../services/media-ports.ts';
import { type TreeFile, tree } from '../../backup/trees.ts';
import { altered, NOON, type World } from '../../backup/world.ts';
import { openBox } from '../box.ts';
import type { Note } from '../judge.ts';
import { Score, type Stage } from '../stage.ts';

const SHORT_TREES = 150;
const FULL_TREES = 10_000;
const HOUR_MS = 3_600_000;

/** What somebody else put where the backup wants to write. */
const foreign = fc.uniqueArray(
  fc.record({
    folder: fc.constantFrom(
      'Photos/2026/2026-11-21',
      'Photos/2020/2020-01-01',
      'Photos/SD1/DCIM/100',
      'Other/SD1',
    ),
    name: fc.constantFrom(
      'IMG_1.JPG',
      'img_1.jpg',
      'IMG_1_2.JPG',
      'cafe\u0301.JPG',
      'café.jpg',
      'IMG_2.CR2',
      'x%3Ay',
    ),
    content: fc.constantFrom('a', 'foreign', ''),
  }),
  { maxLength: 3, selector: ({ folder, name }) => `${folder}/${name}` },
);
const scene = fc.record({
  cards: fc.tuple(tree, tree),
  foreign,
  layout: fc.constantFrom<Layout>('dated', 'mirror', 'numbered'),
  restricted: fc.boolean(),
});
type Scene = typeof scene extends fc.Arbitrary<infer Value> ? Value : never;

/** Random trees whose names clash, on drives that hold other files: nothing is overwritten, a second run writes nothing. */
export const stage: Stage = {
  name: 'names',
  run: async ({ full, seed, print }) => {
    const score = new Score(print);
    const trees = fc.sample(scene, { numRuns: full ? FULL_TREES : SHORT_TREES, seed });
    for (const [at, each] of trees.entries()) {
      const note: Note = (harm, text) => score.note(harm, `tree ${at} of seed ${seed}: ${text}`);
      await tryScene(each, note).catch((error: unknown) => note('wrong', String(error)));
      score.tried();
    }
    return score.figures();
  },
};

async function tryScene({ cards, foreign, layout, restricted }: Scene, note: Note): Promise<void> {
  const box = await openBox(new Map());
  const { world } = box;
  try {
    const drive = restricted
      ? altered(world.drive, { rules: { ...world.drive.rules, restrictedNames: true } })
      : world.drive;
    for (const { folder, name, content } of foreign) await world.alter(`${folder}/${name}`, content);
    let before = await world.onDrive();
    for (const files of cards) {
      const onCard = await insert(world, files);
      const after = await backUp(world, drive, layout, before, onCard, note);
      judgeClashes(
        after,
        foreign.map(({ folder, name }) => `${folder}/${name}`),
        note,
      );
      before = after;
    }
  } finally {
    await box.remove();
  }
}

/** A card with these files alone. */
async function insert(world: World, files: readonly TreeFile[]): Promise<ReadonlyMap<string, string>> {
  await rm(world.card.path, { recursive: true });
  await mkdir(world.card.path);
  const onCard = new Map<string, string>();
  for (const { folder, stem, end, content, hour } of files) {
    const path = `${folder}${stem}${end}`;
    await world.put(path, content, NOON + hour * HOUR_MS);
    onCard.set(path, content);
  }
  return onCard;
}

type OnDrive = Readonly<Record<string, string>>;

/** Twice: what was there stays as it was, what is new is there, the second time nothing changes. */
async function backUp(
  world: World,
  drive: DriveStore,
  layout: Layout,
  before: OnDrive,
  onCard: ReadonlyMap<string, string>,
  note: Note,
): Promise<OnDrive> {
  const first = await world.backup({ drives: [drive], layout });
  if (first.type !== 'BackupFinished') note('wrong', JSON.stringify(first));
  const after = await world.onDrive();
  for (const [path, content] of Object.entries(before))
    if (after[path] !== content) note('lost', `${path} was overwritten`);
  const contents = new Set(Object.values(after));
  for (const [path, content] of onCard) if (!contents.has(content)) note('lost', path);
  const second = await world.backup({ drives: [drive], layout });
  if (second.type !== 'BackupFinished' || second.totals.copied > 0)
    note('doubled', `the second run: ${JSON.stringify(second)}`);
  if (JSON.stringify(await world.onDrive()) !== JSON.stringify(after))
    note('doubled', 'the second run wrote');
  for (const name of await world.incoming()) note('wrong', `left in incoming: ${name}`);
  return after;
}

/** exFAT and NTFS would take two such names for one; those that somebody else put there may be so. */
function judgeClashes(onDrive: OnDrive, foreign: readonly string[], note: Note): void {
  const keys = new Map<string, string>();
  for (const path of Object.keys(onDrive)) {
    const key = `${dirname(path)}/${clashKey(basename(path))}`;
    const other = keys.get(key);
    if (other !== undefined && !(foreign.includes(path) && foreign.includes(other)))
      note('wrong', `${JSON.stringify(path)} and ${JSON.stringify(other)} are one name on exFAT`);
    keys.set(key, path);
  }
}
