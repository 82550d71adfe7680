import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DRIVE_IDENTITY } from '../../services/manifest/names.ts';
import { CARD } from './card.ts';
import {
  type Journal,
  judgeLeftovers,
  judgeManifests,
  judgeNames,
  judgeSettled,
  judgeWhole,
  type Note,
  type Tree,
} from './judge.ts';
import type { Ended } from './program.ts';
import type { Scene } from './story.ts';

/** What a scene looked like after a run without faults. */
export interface Reference {
  readonly card: Tree;
  /** Photos by the name of the drive. */
  readonly drives: ReadonlyMap<string, Tree>;
  /** Backups in the history. */
  readonly rows: number;
}

export function referenceOf(scene: Scene): Reference {
  const drives = new Map(scene.story.drives.map((name) => [name, scene.photos(name)]));
  return { card: scene.card, drives, rows: scene.journal()?.rows.length ?? 0 };
}

/** Holds drives and journal against the card as a run with faults left them. Resolves with the journal. */
export async function judgeMoment(
  scene: Scene,
  ended: Ended,
  reference: Reference,
  note: Note,
): Promise<Journal | null> {
  const journal = scene.journal();
  for (const name of scene.story.drives) {
    const photos = scene.photos(name);
    judgeNames(photos, reference.card, note);
    judgeSettled(driveIdOf(scene.drive(name)), photos, journal?.facts ?? [], note);
  }
  // Green, or called done by then: nothing may be left for a next run to mend.
  if (isDone(journal, reference) || ended.words?.light === 'ready')
    await judgeFinished(scene, reference, note);
  return journal;
}

/** After a run without faults that followed: the card once more, inserted twice. */
export async function judgeRecovered(
  scene: Scene,
  before: Journal | null,
  ended: Ended,
  reference: Reference,
  note: Note,
): Promise<void> {
  const { words, errors, code } = ended;
  const finished = code === 0 && words?.light === 'ready' && words.outcome === 'Finished';
  if (!finished) note('wrong', `started again it ended with ${code}, ${JSON.stringify(words)}: ${errors}`);
  const journal = scene.journal();
  for (const name of scene.story.drives)
    judgeSettled(driveIdOf(scene.drive(name)), scene.photos(name), journal?.facts ?? [], note);
  if (!finished) return;
  await judgeFinished(scene, reference, note);
  judgeRows(before, journal, note);
}

async function judgeFinished(scene: Scene, { card, drives }: Reference, note: Note): Promise<void> {
  for (const [name, wanted] of drives) {
    const photos = scene.photos(name);
    judgeNames(photos, card, note);
    judgeWhole(photos, card, wanted, note);
    judgeLeftovers(scene.drive(name), note);
    await judgeManifests(scene.drive(name), photos, note);
  }
}

/** A backup that was running counts as interrupted; then one that finishes, and one that finds everything there. */
function judgeRows(before: Journal | null, after: Journal | null, note: Note): void {
  const earlier = (before?.rows ?? []).map(({ outcome }) => outcome ?? 'interrupted');
  const outcomes = (after?.rows ?? []).map(({ outcome }) => outcome);
  if (outcomes.join() !== [...earlier, 'done', 'done'].join())
    note('wrong', `history: ${earlier.join()}, then ${outcomes.join()}`);
  const [resumed, last] = (after?.rows ?? []).slice(-2);
  if (resumed?.failed !== 0 || resumed.copied + resumed.duplicates !== CARD.length)
    note('wrong', `the backup that went on does not account for every file: ${JSON.stringify(resumed)}`);
  if (last?.copied !== 0 || last.duplicates !== CARD.length)
    note('wrong', `the last backup copied what was there: ${JSON.stringify(last)}`);
}

/** The backup of this story, not one before it. */
function isDone(journal: Journal | null, { rows }: Reference): boolean {
  return journal !== null && journal.rows.length >= rows && journal.rows.at(-1)?.outcome === 'done';
}

/** Of a drive's identity; null where there is none. */
export function driveIdOf(drive: string): string | null {
  const path = join(drive, DRIVE_IDENTITY);
  if (!existsSync(path)) return null;
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { readonly id: string }).id;
  } catch {
    // Half an adoption: nothing was ever written there.
    return null;
  }
}
