import type { ChartFact, PowerAction } from './facts.ts';
import type { BackupId, CardId, DriveId } from './ids.ts';
import type { Card, Drive } from './media.ts';
import type { Reason } from './reasons.ts';

/** A fact as the charts see it: with its place and time in the journal. Timers come as XState's own events. */
export type ChartEvent = Exclude<ChartFact, { readonly type: 'TimerElapsed' }> & {
  readonly seq: number;
  readonly at: string;
};
export type EventOf<Type extends ChartEvent['type']> = Extract<ChartEvent, { readonly type: Type }>;

/**
 * How an attached card stands. Only `protected` allows a green light.
 * - `settling`: just plugged in, may bounce
 * - `unprotected`: needs a backup (or one is queued or running)
 * - `cached`: backed up, but verified from the page cache only
 */
export type Standing = 'settling' | 'unprotected' | 'protected' | 'cached' | 'failed';

export interface AttachedCard {
  readonly card: Card;
  readonly start: 'auto' | 'manual';
  readonly standing: Standing;
  /** Why the last backup of it failed. */
  readonly failedFor: Reason | null;
  /** Sequence number of its insertion: a backup protects only the insertion that it read. */
  readonly insertion: number;
  /** It was backed up anew because another backup found a bad copy: once an insertion, for a drive may go on losing them. */
  readonly retaken: boolean;
  readonly since: string;
}

export interface QueuedBackup {
  readonly backupId: BackupId;
  readonly cardId: CardId;
  /** Only this drive may be written; null for all. */
  readonly driveId: DriveId | null;
  readonly fit: boolean;
  readonly at: string;
}

export interface RunningBackup {
  readonly backupId: BackupId;
  readonly card: Card;
  readonly insertion: number;
  readonly driveIds: readonly DriveId[];
  /** As it was asked for: only this drive, null for all. */
  readonly driveId: DriveId | null;
  readonly fit: boolean;
  /** Bytes of the card are still to be read. */
  readonly reading: boolean;
  /** A copy that it may have relied on went bad meanwhile: it protects nothing. */
  readonly doubted: boolean;
  readonly since: string;
}

export interface LatchedError {
  readonly reason: Reason;
  readonly cardId: CardId | null;
  /** What it is about, for people: a card's or drive's label, a device. */
  readonly subject: string;
  readonly detail: string;
  readonly since: string;
}

/** A backup that stopped before its end; it goes on when its card is attached again. */
export interface Unfinished {
  readonly card: Card;
  readonly acknowledged: boolean;
}

export interface ApplianceContext {
  /** Devices are known and nothing shuts down: backups may start. */
  readonly awake: boolean;
  readonly cards: readonly AttachedCard[];
  /** Adopted, writable, attached, in order of attachment. */
  readonly drives: readonly Drive[];
  /** Devices that the kernel announced and that are neither card nor drive yet. */
  readonly announced: readonly string[];
  /** Devices whose files could not even be listed: attached, and backed up nowhere. */
  readonly refused: readonly string[];
  readonly queue: readonly QueuedBackup[];
  readonly running: readonly RunningBackup[];
  /** The power supply is too weak now: no backup starts, and nothing is green. */
  readonly weakPower: boolean;
  readonly errors: readonly LatchedError[];
  readonly unfinished: readonly Unfinished[];
  /** Short presses within the press window. */
  readonly presses: number;
  /** The first of them came while all was well: it may start a backup, so the third one cannot tell. */
  readonly pressedWhenReady: boolean;
  /** Somebody asked for the end. */
  readonly ending: boolean;
  /** How it is to end. */
  readonly power: PowerAction;
}

export const EMPTY_CONTEXT: ApplianceContext = {
  awake: false,
  cards: [],
  drives: [],
  announced: [],
  refused: [],
  queue: [],
  running: [],
  weakPower: false,
  errors: [],
  unfinished: [],
  presses: 0,
  pressedWhenReady: false,
  ending: false,
  power: 'poweroff',
};

/** Two cards at once, more are queued (`contract.md` section 4). */
export const MAX_RUNNING = 2;

export const standingOf = (context: ApplianceContext, id: CardId, change: Partial<AttachedCard>) =>
  context.cards.map((entry) => (entry.card.id === id ? { ...entry, ...change } : entry));

/** One error a card or subject: the newest word on it replaces the older one. */
export function latch(context: ApplianceContext, error: LatchedError): readonly LatchedError[] {
  const others = context.errors.filter(
    (other) => other.cardId !== error.cardId || (error.cardId === null && other.subject !== error.subject),
  );
  return [...others, error];
}

/** A backup of this very insertion is queued or running. One of an earlier insertion does not count. */
export function isBusy(context: ApplianceContext, { card, insertion }: AttachedCard): boolean {
  const runs = context.running.some((backup) => backup.card.id === card.id && backup.insertion === insertion);
  return runs || context.queue.some((entry) => entry.cardId === card.id);
}

/** `20261121-57`, and `20261121-57-2` for a second one that the same fact asks for. */
export function newBackupId(event: { readonly at: string; readonly seq: number }, nth: number): BackupId {
  const day = event.at.slice(0, 10).replaceAll('-', '');
  return `${day}-${event.seq}${nth === 0 ? '' : `-${nth + 1}`}` as BackupId;
}

/** Weak power counts: what was just written under it may not hold, and what comes now is not backed up. */
export function anyUnprotected(context: ApplianceContext): boolean {
  return (
    context.weakPower ||
    context.announced.length > 0 ||
    context.refused.length > 0 ||
    context.cards.some((entry) => entry.standing !== 'protected')
  );
}

/** The light is green. */
export function isReady(context: ApplianceContext): boolean {
  const idle = context.awake && !context.ending && context.running.length === 0;
  return idle && context.errors.length === 0 && context.drives.length > 0 && !anyUnprotected(context);
}

interface Order {
  readonly cards: readonly AttachedCard[];
  readonly driveId: DriveId | null;
  readonly fit: boolean;
}

/**
 * Queues a backup of each card that has none. Without a drive that is error 2, while power is weak error 8: it starts
 * when a drive comes, or power.
 */
export function enqueue(
  context: ApplianceContext,
  event: { readonly at: string; readonly seq: number },
  order: Order,
): ApplianceContext {
  const wanted = order.cards.filter((entry) => !isBusy(context, entry));
  const queued = wanted.map((entry, nth) => ({
    backupId: newBackupId(event, nth),
    cardId: entry.card.id,
    driveId: order.driveId,
    fit: order.fit,
    at: event.at,
  }));
  const ids = new Set(wanted.map((entry) => entry.card.id));
  const next = {
    ...context,
    queue: [...context.queue, ...queued],
    cards: context.cards.map((entry) =>
      ids.has(entry.card.id) ? { ...entry, standing: 'unprotected' as const, failedFor: null } : entry,
    ),
  };
  return context.awake ? latchHeldUp(next, event.at, [...ids]) : next;
}

/** Why no backup can start now. */
function hindrance(context: ApplianceContext): Reason | null {
  if (context.drives.length === 0) return 'no-drive';
  return context.weakPower ? 'weak-power' : null;
}

/**
 * An error for each of these cards that is queued while none can start. Of others nothing is said: they were told
 * when they were queued, and somebody may have acknowledged it.
 */
export function latchHeldUp(context: ApplianceContext, at: string, ids: readonly CardId[]): ApplianceContext {
  const reason = hindrance(context);
  if (reason === null) return context;
  let next = context;
  for (const { card } of context.cards) {
    if (!ids.includes(card.id) || !context.queue.some((entry) => entry.cardId === card.id)) continue;
    // Said already, perhaps with more words.
    if (context.errors.some((error) => error.cardId === card.id && error.reason === reason)) continue;
    const error = { reason, cardId: card.id, subject: card.label, detail: '', since: at };
    next = { ...next, errors: latch(next, error) };
  }
  return next;
}

interface StartedBackup extends RunningBackup {
  /** Adopted drives that are attached at the start. */
  readonly attached: number;
}

/** Moves queued backups to running while there is room for them, a card, a drive and power. */
export function startQueued(
  context: ApplianceContext,
  since: string,
): {
  readonly context: ApplianceContext;
  readonly started: readonly StartedBackup[];
} {
  if (!context.awake || context.weakPower) return { context, started: [] };
  const started: StartedBackup[] = [];
  const attached = context.drives.length;
  const queue: QueuedBackup[] = [];
  for (const entry of context.queue) {
    const driveIds = context.drives
      .map((drive) => drive.id)
      .filter((id) => entry.driveId === null || id === entry.driveId);
    const full = context.running.length + started.length >= MAX_RUNNING;
    const runs = context.running.some((backup) => backup.card.id === entry.cardId);
    if (full || runs || driveIds.length === 0) {
      queue.push(entry);
      continue;
    }
    const { backupId, driveId, fit } = entry;
    for (const { card, insertion } of context.cards.filter((other) => other.card.id === entry.cardId)) {
      started.push({
        backupId,
        card,
        insertion,
        driveIds,
        driveId,
        fit,
        reading: true,
        doubted: false,
        since,
        attached,
      });
    }
  }
  const running = [...context.running, ...started.map(({ attached: _attached, ...backup }) => backup)];
  return { context: { ...context, queue, running }, started };
}
