import type { Card } from '../../machines/media.ts';
import { isDriveError } from '../errors.ts';
import type { CardHistory } from '../manifest/card-history.ts';
import type { DriveContext } from './drive-context.ts';
import type { Plans } from './drive-plan.ts';
import type { CardPlan } from './plan.ts';
import { largerThanItself } from './suspect-card.ts';

const MAX_PROBLEMS = 3;

/** What a person should know before the first byte, a line each: at most two a drive and two of the card. */
export function notesOf(
  card: Pick<Card, 'label' | 'fsType' | 'sizeBytes'>,
  { bytes, specialNote }: Pick<CardPlan, 'bytes' | 'specialNote'>,
  lanes: readonly Pick<DriveContext, 'store'>[],
  { drives }: Pick<Plans, 'drives'>,
): readonly string[] {
  const ofCard = [largerThanItself(card, bytes), specialNote(card.label)];
  const notes = ofCard.filter((note) => note !== null);
  for (const [at, { store }] of lanes.entries()) {
    const plan = drives[at];
    if (plan === undefined || isDriveError(plan)) continue;
    const { label } = store.drive;
    if (plan.renamed > 0) {
      const get = plan.renamed === 1 ? 'gets' : 'get';
      notes.push(`${label}: ${filesOf(plan.renamed)} cannot keep the name there and ${get} another`);
    }
    if (plan.tooLarge > 0) {
      const limit = store.rules.maxFileBytes ?? 0;
      notes.push(`${label}: ${filesOf(plan.tooLarge)} of more than ${limit} bytes cannot be copied there`);
    }
  }
  return notes;
}

/** What is wrong with the manifests that a camera left on the card, and what they list that is not there. */
export function historyNotes(history: CardHistory, plan: Pick<CardPlan, 'find'>): readonly string[] {
  const notes = history.problems.slice(0, MAX_PROBLEMS).map(({ path, detail }) => `${path}: ${detail}`);
  let missing = 0;
  let first: string | null = null;
  for (const path of history.missing()) {
    if (plan.find({ path }) !== null) continue;
    first ??= path;
    missing += 1;
  }
  if (first === null) return notes;
  return [
    ...notes,
    `${filesOf(missing)} of the card’s own manifest, not on the card: ${first}${missing > 1 ? ' and others' : ''}`,
  ];
}

const filesOf = (count: number): string => (count === 1 ? '1 file' : `${count} files`);
