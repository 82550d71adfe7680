import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DRIVE_ROOTS } from '../../services/manifest/names.ts';
import { Program } from './campaign.ts';
import { CARD, writeCard } from './card.ts';
import {
  type Findings,
  type Journal,
  judgeLeftovers,
  judgeManifests,
  judgeNames,
  judgeSettled,
  judgeWhole,
  noFindings,
  readJournal,
  type Tree,
  treeOf,
} from './judge.ts';
import { samplePoints } from './points.ts';

/** `KILL_FULL=1` tries every point: minutes. */
const MAX_POINTS = process.env['KILL_FULL'] === '1' ? Number.POSITIVE_INFINITY : 60;
const AT_ONCE = 2;

const program = new Program();
let points: readonly string[] = [];
let card: Tree = new Map();
let reference: Tree = new Map();

beforeAll(async () => {
  await program.build();
  const root = freshRoot('reference');
  const ended = await program.run(root, 'once');
  expect(ended).toMatchObject({ code: 0, errors: '' });
  points = ended.points;
  card = treeOf(join(root, 'card'), ['']);
  reference = photosOf(root);
});

afterAll(() => program.remove());

test('killed anywhere and started again, a backup finishes with nothing lost, doubled or half written', async () => {
  const sample = samplePoints(points, MAX_POINTS);
  expect(sample.length).toBeGreaterThanOrEqual(30);
  const all = noFindings();
  const waiting = [...sample];
  const worker = async (): Promise<void> => {
    for (let point = waiting.shift(); point !== undefined; point = waiting.shift()) {
      const found = noFindings();
      // A journal or a manifest that cannot be read at all must not hide what the other points find.
      await tryPoint(freshRoot(point), point, found).catch((error: unknown) =>
        found.other.push(String(error)),
      );
      for (const key of ['lost', 'wrong', 'doubled', 'other'] as const) {
        all[key].push(...found[key].map((text) => `${point}: ${text}`));
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const { lost, wrong, doubled, other } = all;
  console.info(
    `killed at ${sample.length} of ${points.length} points: ${lost.length} files lost, ${wrong.length} wrong, ${doubled.length} doubled`,
  );
  expect({ lost, wrong, doubled, other }).toEqual(noFindings());
}, 900_000);

/** Killed there, judged; started again until green, and the card inserted once more, judged. */
async function tryPoint(root: string, point: string, found: Findings): Promise<void> {
  const killed = await program.run(root, point);
  if (killed.signal !== 'SIGKILL') found.other.push(`ended with ${killed.code}: ${killed.errors}`);
  const before = readJournal(join(root, 'state'));
  judgeNames(photosOf(root), card, found);
  judgeSettled(photosOf(root), before.facts, found);
  // The light was green by then: nothing may be left for a next run to mend.
  if (hasEnded(before)) await judgeFinished(root, found);

  const { code, errors } = await program.run(root, 'twice');
  if (code !== 0) found.other.push(`started again it ended with ${code}: ${errors}`);
  const after = readJournal(join(root, 'state'));
  const drive = photosOf(root);
  judgeNames(drive, card, found);
  judgeSettled(drive, after.facts, found);
  judgeHistory(before, after, found);
  await judgeFinished(root, found);
  rmSync(root, { recursive: true });
}

async function judgeFinished(root: string, found: Findings): Promise<void> {
  const drive = photosOf(root);
  judgeWhole(drive, card, reference, found);
  judgeLeftovers(join(root, 'drive'), found);
  await judgeManifests(join(root, 'drive'), drive, found);
}

/**
 * A backup that had begun and not ended is interrupted, one that had ended stays done; then one that finishes, and one
 * that finds everything there.
 */
function judgeHistory(before: Journal, { rows }: Journal, { other }: Findings): void {
  const began = before.facts.some(({ type }) => type === 'BackupPlanned');
  const first = hasEnded(before) ? ['done'] : began ? ['interrupted'] : [];
  const outcomes = rows.map(({ outcome }) => outcome).join();
  if (outcomes !== [...first, 'done', 'done'].join())
    other.push(`history: ${first.join()}, then ${outcomes}`);
  const [resumed, last] = rows.slice(-2);
  if (resumed?.failed !== 0 || resumed.copied + resumed.duplicates !== CARD.length) {
    other.push(`the backup that went on does not account for every file: ${JSON.stringify(resumed)}`);
  }
  if (last?.copied !== 0 || last.duplicates !== CARD.length) {
    other.push(`the last backup copied what was there: ${JSON.stringify(last)}`);
  }
}

const hasEnded = ({ facts }: Journal): boolean => facts.some(({ type }) => type === 'BackupFinished');

const photosOf = (root: string): Tree => treeOf(join(root, 'drive'), DRIVE_ROOTS);

/** A state and a drive that nobody has used yet, and the card. */
function freshRoot(name: string): string {
  const root = join(program.folder, name);
  mkdirSync(root);
  writeCard(join(root, 'card'));
  return root;
}
