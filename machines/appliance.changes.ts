/** What each fact changes in the appliance's context: pure functions, one a fact. */
import {
  type ApplianceContext,
  type AttachedCard,
  type EventOf,
  enqueue,
  isBusy,
  isReady,
  latch,
  latchHeldUp,
  type RunningBackup,
  standingOf,
  type Unfinished,
} from './appliance.context.ts';
import { retake, unprotect, wasBackedUp } from './appliance.doubts.ts';
import type { Card } from './media.ts';
import { CODE_OF_REASON, type ErrorCode, type Reason } from './reasons.ts';

type Context = ApplianceContext;

/** Errors that another drive can mend: the failed card starts again by itself when one comes. */
const MENDED_BY_A_DRIVE: ReadonlySet<ErrorCode> = new Set([2, 3, 7]);

const isUnfinished = (context: Context, card: Card) =>
  context.unfinished.some((entry) => entry.card.id === card.id);

function remember(context: Context, cards: readonly Card[]): readonly Unfinished[] {
  const ids = new Set(cards.map((card) => card.id));
  const others = context.unfinished.filter((entry) => !ids.has(entry.card.id));
  return [...others, ...cards.map((card) => ({ card, acknowledged: false }))];
}

/** Nothing that was attached before is known to be there now; what ran is unfinished. */
export function beginAgain(context: Context): Context {
  const queued = context.cards.filter((entry) => context.queue.some((wait) => wait.cardId === entry.card.id));
  const stopped = [...context.running.map((backup) => backup.card), ...queued.map((entry) => entry.card)];
  return {
    ...context,
    awake: false,
    cards: [],
    drives: [],
    announced: [],
    refused: [],
    queue: [],
    running: [],
    // It is reported again if it is still so.
    weakPower: false,
    presses: 0,
    pressedWhenReady: false,
    ending: false,
    power: 'poweroff',
    unfinished: remember(context, stopped),
  };
}

export function wake(context: Context, event: EventOf<'DevicesKnown'>): Context {
  let next: Context = { ...context, awake: true };
  for (const { card, acknowledged } of context.unfinished) {
    const attached = context.cards.some((entry) => entry.card.id === card.id);
    const known = context.errors.some((error) => error.cardId === card.id);
    if (attached || acknowledged || known) continue;
    const error = { reason: 'interrupted', cardId: card.id, subject: card.label, detail: '' } as const;
    next = { ...next, errors: latch(next, { ...error, since: event.at }) };
  }
  return latchHeldUp(
    next,
    event.at,
    next.queue.map(({ cardId }) => cardId),
  );
}

export function attachCard(context: Context, event: EventOf<'CardAttached'>): Context {
  const entry: AttachedCard = {
    card: event.card,
    start: event.start,
    standing: 'settling',
    failedFor: null,
    insertion: event.seq,
    retaken: false,
    since: event.at,
  };
  return { ...context, cards: [...context.cards.filter((other) => other.card.id !== event.card.id), entry] };
}

/** A card that waited in the queue was removed too early; one whose backup runs is judged by that backup. */
export function detachCard(context: Context, event: EventOf<'CardDetached'>): Context {
  const entry = context.cards.find((attached) => attached.card.id === event.cardId);
  const waited = context.queue.some((queued) => queued.cardId === event.cardId);
  const next = {
    ...context,
    cards: context.cards.filter((attached) => attached.card.id !== event.cardId),
    queue: context.queue.filter((queued) => queued.cardId !== event.cardId),
  };
  if (entry === undefined || !waited) return next;
  const unfinished = remember(context, [entry.card]);
  if (context.errors.some((error) => error.cardId === event.cardId)) return { ...next, unfinished };
  const error = {
    reason: 'card-removed',
    cardId: event.cardId,
    subject: entry.card.label,
    detail: '',
  } as const;
  return { ...next, unfinished, errors: latch(context, { ...error, since: event.at }) };
}

export function refuseCard(context: Context, event: EventOf<'CardRefused'>): Context {
  const error = { reason: event.reason, cardId: null, subject: event.device, detail: event.detail };
  const refused = [...context.refused.filter((device) => device !== event.device), event.device];
  return { ...context, refused, errors: latch(context, { ...error, since: event.at }) };
}

export function dropDevice(context: Context, event: EventOf<'DeviceDetached'>): Context {
  return { ...context, refused: context.refused.filter((device) => device !== event.device) };
}

/** Cards that settled are backed up if the rules or an unfinished backup ask for it. */
export function settleCards(context: Context, event: { readonly at: string; readonly seq: number }): Context {
  const settled = context.cards.filter((entry) => entry.standing === 'settling');
  const cards = settled.filter((entry) => entry.start === 'auto' || isUnfinished(context, entry.card));
  const next = {
    ...context,
    cards: context.cards.map((entry) =>
      entry.standing === 'settling' ? { ...entry, standing: 'unprotected' as const } : entry,
    ),
  };
  return enqueue(next, event, { cards, driveId: null, fit: false });
}

export function attachDrive(context: Context, event: EventOf<'DriveAttached'>): Context {
  const others = context.drives.filter((drive) => drive.id !== event.drive.id);
  if (!event.drive.adopted || !event.drive.writable) return { ...context, drives: others };
  const next = { ...context, drives: [...others, event.drive] };
  const again = context.cards.filter(
    (entry) => wasBackedUp(entry) || (entry.failedFor !== null && isMendedByADrive(entry.failedFor)),
  );
  return enqueue(next, event, { cards: again, driveId: null, fit: false });
}

const isMendedByADrive = (reason: Reason) => MENDED_BY_A_DRIVE.has(CODE_OF_REASON[reason]);

export function detachDrive(context: Context, event: EventOf<'DriveDetached'>): Context {
  return { ...context, drives: context.drives.filter((drive) => drive.id !== event.driveId) };
}

/** Copies on a forgotten drive count no more. */
export function forgetDrive(context: Context, event: EventOf<'DriveForgotten'>): Context {
  const drives = context.drives.filter((drive) => drive.id !== event.driveId);
  const doubted = context.cards.filter(wasBackedUp);
  if (drives.length > 0) {
    return enqueue({ ...context, drives }, event, { cards: doubted, driveId: null, fit: false });
  }
  // The next drive that comes starts them again.
  const cards = context.cards.map((entry) =>
    wasBackedUp(entry)
      ? { ...entry, standing: 'unprotected' as const, failedFor: 'no-drive' as const }
      : entry,
  );
  return { ...context, drives, cards };
}

export function failDrive(context: Context, event: EventOf<'DriveFailed'>): Context {
  const drive = context.drives.find((entry) => entry.id === event.driveId);
  const subject = drive?.label ?? event.driveId;
  const error = { reason: event.reason, cardId: null, subject, detail: event.detail, since: event.at };
  return unprotect({
    ...context,
    drives: context.drives.filter((entry) => entry.id !== event.driveId),
    errors: latch(context, error),
  });
}

export function requestBackup(context: Context, event: EventOf<'BackupRequested'>): Context {
  const cards = context.cards.filter((entry) => entry.card.id === event.cardId);
  return enqueue(context, event, { cards, driveId: event.driveId, fit: event.fit });
}

export function cardRead(context: Context, event: EventOf<'CardRead'>): Context {
  const running = context.running.map((backup) =>
    backup.backupId === event.backupId ? { ...backup, reading: false } : backup,
  );
  return { ...context, running };
}

type Ending = EventOf<'BackupFinished'> | EventOf<'BackupFailed'> | EventOf<'BackupInterrupted'>;

/** Takes the backup out of the running ones and tells how its card stands, if it is still the insertion that was read. */
function end(context: Context, event: Ending, standing: Partial<AttachedCard>): Context {
  const backup = context.running.find((entry) => entry.backupId === event.backupId);
  const running = context.running.filter((entry) => entry.backupId !== event.backupId);
  const card = context.cards.find((entry) => entry.card.id === event.cardId);
  const same = backup !== undefined && card?.insertion === backup.insertion;
  return { ...context, running, cards: same ? standingOf(context, event.cardId, standing) : context.cards };
}

export function finishBackup(context: Context, event: EventOf<'BackupFinished'>): Context {
  const backup = context.running.find(({ backupId }) => backupId === event.backupId);
  const doubted = backup?.doubted ?? false;
  const standing = event.enough && !doubted ? 'protected' : 'unprotected';
  const next = end(context, event, { standing: event.trusted ? standing : 'cached', failedFor: null });
  const told = {
    ...next,
    errors: context.errors.filter((error) => error.cardId !== event.cardId),
    unfinished: context.unfinished.filter((entry) => entry.card.id !== event.cardId),
  };
  const isSame = ({ card, insertion }: AttachedCard) =>
    card.id === event.cardId && insertion === backup?.insertion;
  if (doubted && told.cards.some(isSame)) return retake(told, event, [event.cardId]);
  // The card may have been put back meanwhile and wait for its next backup.
  return context.awake ? latchHeldUp(told, event.at, [event.cardId]) : told;
}

function labelOf(context: Context, event: Ending): string {
  return context.running.find((entry) => entry.backupId === event.backupId)?.card.label ?? event.cardId;
}

export function failBackup(context: Context, event: EventOf<'BackupFailed'>): Context {
  const next = end(context, event, { standing: 'failed', failedFor: event.reason });
  const subject = labelOf(context, event);
  const error = {
    reason: event.reason,
    cardId: event.cardId,
    subject,
    detail: event.detail,
    since: event.at,
  };
  return { ...next, errors: latch(next, error) };
}

/**
 * A pulled card is an error at once; a shutdown is one only if the card is missing at the next start. What weak power
 * stopped waits in the queue until there is enough of it.
 */
export function interruptBackup(context: Context, event: EventOf<'BackupInterrupted'>): Context {
  const backup = context.running.find((entry) => entry.backupId === event.backupId);
  const unfinished = backup === undefined ? context.unfinished : remember(context, [backup.card]);
  const next = { ...end(context, event, { standing: 'unprotected' }), unfinished };
  if (event.reason === 'weak-power' && backup !== undefined) return queueAgain(next, event, backup);
  if (event.reason !== 'card-removed') return next;
  const reason: Reason = event.reason;
  const error = { reason, cardId: event.cardId, subject: labelOf(context, event), detail: '' };
  return { ...next, errors: latch(next, { ...error, since: event.at }) };
}

/** As it was asked for; not when the card was pulled meanwhile. */
function queueAgain(context: Context, event: EventOf<'BackupInterrupted'>, backup: RunningBackup): Context {
  const cards = context.cards.filter((entry) => entry.insertion === backup.insertion);
  return enqueue(context, event, { cards, driveId: backup.driveId, fit: backup.fit });
}

export function acknowledge(context: Context): Context {
  const unfinished = context.unfinished.map((entry) => ({ ...entry, acknowledged: true }));
  return { ...context, errors: [], unfinished };
}

export function latchInternal(context: Context, event: EventOf<'InternalErrorOccurred'>): Context {
  const error = { reason: event.reason, cardId: null, subject: 'imagetank', detail: event.detail };
  return { ...context, errors: latch(context, { ...error, since: event.at }) };
}

/** Acknowledges, or, when nothing is latched, asks for a backup of every attached card. */
export function shortPress(context: Context, event: EventOf<'ButtonReleased'>): Context {
  const pressedWhenReady = context.presses === 0 ? isReady(context) : context.pressedWhenReady;
  const counted = { ...context, presses: context.presses + 1, pressedWhenReady };
  if (context.errors.length > 0) return acknowledge(counted);
  const cards = context.cards.filter((entry) => !isBusy(context, entry));
  return enqueue(counted, event, { cards, driveId: null, fit: false });
}
