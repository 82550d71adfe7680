/** What takes the green light away from cards that were backed up: pure functions. */
import {
  type ApplianceContext,
  type AttachedCard,
  type EventOf,
  enqueue,
  standingOf,
} from './appliance.context.ts';
import type { CardId } from './ids.ts';

type Context = ApplianceContext;

/** Somebody may have changed the drive while it was away, and a new one has nothing yet: green has to be earned again. */
export const wasBackedUp = ({ standing }: AttachedCard) => standing === 'protected' || standing === 'cached';

/** No attached card counts as safe any more. */
export function unprotect(context: Context): Context {
  const cards = context.cards.map((entry) =>
    entry.standing === 'protected' ? { ...entry, standing: 'unprotected' as const } : entry,
  );
  return { ...context, cards };
}

/** Cards that were backed up, or nearly, before a copy was found bad: a look tells whether theirs are good. */
export function retake(
  context: Context,
  event: { readonly at: string; readonly seq: number },
  doubted: readonly CardId[],
): Context {
  const isTaken = ({ card, retaken }: AttachedCard) => doubted.includes(card.id) && !retaken;
  const cards = context.cards.map((entry) => (isTaken(entry) ? { ...entry, retaken: true } : entry));
  const order = { cards: context.cards.filter(isTaken), driveId: null, fit: false };
  return enqueue({ ...context, cards }, event, order);
}

/**
 * A copy went bad. Which cards it came from is not known here, so no attached card counts as safe any more, nor will
 * one whose backup runs and may have relied on it. The backup that found it copies the file again, and the other cards
 * are backed up anew, once; what a verification finds is mended by the next backup that somebody asks for.
 */
export function loseCopies(context: Context, event: EventOf<'CopiesLost'>): Context {
  const running = context.running.map((backup) =>
    backup.backupId === event.backupId ? backup : { ...backup, doubted: true },
  );
  const next = unprotect({ ...context, running });
  const doubted = context.cards.filter(wasBackedUp).map(({ card }) => card.id);
  return event.backupId === null ? next : retake(next, event, doubted);
}

/** The answer was no: then the light must not say yes. */
export function checkCard(context: Context, event: EventOf<'CardChecked'>): Context {
  const entry = context.cards.find(({ card }) => card.id === event.cardId);
  if (event.safe || entry === undefined || entry.standing !== 'protected') return context;
  return { ...context, cards: standingOf(context, event.cardId, { standing: 'unprotected' }) };
}
