import type { FactRecord } from '../../machines/facts.ts';
import { UserError } from '../errors.ts';
import type { Store } from '../ports.ts';
import { isDay } from './days.ts';
import type { Photo } from './ports.ts';
import type { PhotoLine } from './shapes.ts';

/** What cards and drives are called, by their ids; undefined where nobody knows. */
export interface Labels {
  readonly card: Pick<ReadonlyMap<string, string>, 'get'>;
  readonly drive: Pick<ReadonlyMap<string, string>, 'get'>;
}

export const toldBy = ({ seq, at, clock }: FactRecord) => ({ seq, at, clock });

/** Each is looked up when it is asked for, once: a box has seen hundreds of cards, and a page tells of few. */
export function labelsOf(shelf: Store['shelf'], role: 'card' | 'drive'): Labels['card'] {
  const known = new Map<string, string | undefined>();
  return {
    get: (id) => {
      if (!known.has(id)) known.set(id, shelf.place(role, id)?.label);
      return known.get(id);
    },
  };
}

/** Photos as they are shown, with the labels of their cards and drives. */
export function photoLines(shelf: Store['shelf']): (photo: Photo) => PhotoLine {
  const [cards, drives] = [labelsOf(shelf, 'card'), labelsOf(shelf, 'drive')];
  return ({ cards: from, copies, backups, ...photo }) => ({
    ...photo,
    cards: from.map((id) => ({ id, label: cards.get(id) ?? id })),
    backups: [...backups],
    copies: copies.map(({ driveId: id, to: path, state, verifiedFrom, counts }) => ({
      drive: { id, label: drives.get(id) ?? id },
      path,
      verified: counts,
      state,
      verifiedFrom,
    })),
  });
}

/** Throws `UserError` 64 for what is no day of the calendar. */
export function checkDay(text: string): void {
  if (isDay(text)) return;
  throw new UserError('bad-day', 64, `${text}: no day`, 'write it as 2026-11-21');
}
