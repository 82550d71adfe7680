import type { Card } from '../../machines/facts.ts';
import { isDriveError } from '../errors.ts';
import type { DriveContext } from './drive-context.ts';
import type { Plans } from './drive-plan.ts';
import type { CardPlan } from './plan.ts';
import { largerThanItself } from './suspect-card.ts';

/** What a person should know before the first byte, a line each: at most two a drive and one of the card. */
export function notesOf(
  card: Pick<Card, 'label' | 'fsType' | 'sizeBytes'>,
  { bytes }: Pick<CardPlan, 'bytes'>,
  lanes: readonly Pick<DriveContext, 'store'>[],
  { drives }: Pick<Plans, 'drives'>,
): readonly string[] {
  const suspect = largerThanItself(card, bytes);
  const notes = suspect === null ? [] : [suspect];
  for (const [at, { store }] of lanes.entries()) {
    const plan = drives[at];
    if (plan === undefined || isDriveError(plan)) continue;
    const { label } = store.drive;
    if (plan.renamed > 0) {
      notes.push(`${label}: ${filesOf(plan.renamed)} cannot keep the name there and get another`);
    }
    if (plan.tooLarge > 0) {
      const limit = store.rules.maxFileBytes ?? 0;
      notes.push(`${label}: ${filesOf(plan.tooLarge)} of more than ${limit} bytes cannot be copied there`);
    }
  }
  return notes;
}

const filesOf = (count: number): string => (count === 1 ? '1 file' : `${count} files`);
