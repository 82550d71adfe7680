import { UserError } from '../errors.ts';

interface Named {
  readonly id: string | null;
  readonly label: string;
  readonly uuid: string | null;
  readonly path: string | null;
}

/** All that a person may mean by one word: an id, a UUID, a path, or a label. */
export function matching<Entry extends Named>(entries: readonly Entry[], word: string): readonly Entry[] {
  const isUuid = (uuid: string | null) => uuid?.toLowerCase() === word.toLowerCase();
  const exact = entries.filter((entry) => entry.id === word || isUuid(entry.uuid) || entry.path === word);
  return exact.length > 0 ? exact : entries.filter((entry) => entry.label === word);
}

/** The one that is meant; null when there is none. Throws 65 when a label stands for several. */
export function findOne<Entry extends Named>(entries: readonly Entry[], word: string): Entry | null {
  const found = matching(entries, word);
  if (found.length > 1) {
    const choices = found.map((entry) => entry.uuid ?? entry.path ?? entry.id).join(' or ');
    throw new UserError(
      'ambiguous-label',
      65,
      `${word}: ${found.length} attached volumes have this label`,
      `name one by ${choices}`,
    );
  }
  return found[0] ?? null;
}

/** Where no card is named: throws 66 when none is attached, 65 when several are. */
export function onlyCard<Entry extends Named>(cards: readonly Entry[]): Entry {
  const [card] = cards;
  if (card === undefined)
    throw new UserError('no-card', 66, 'no card is attached', 'insert one, or name a folder');
  if (cards.length === 1) return card;
  const labels = cards.map(({ label }) => label).join(' or ');
  throw new UserError('ambiguous-card', 65, `${cards.length} cards are attached`, `name one: ${labels}`);
}

export function unknownTarget(kind: 'card' | 'drive' | 'backup', word: string): UserError {
  return new UserError(
    `unknown-${kind}`,
    66,
    `${word}: no such ${kind}`,
    'see what is there with: imagetank status',
  );
}
