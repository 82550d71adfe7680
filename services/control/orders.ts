import { contextOf, type DecisionState } from '../../machines/decide.ts';
import type { Fact } from '../../machines/facts.ts';
import type { BackupId, CardId, DriveId } from '../../machines/ids.ts';
import type { Card } from '../../machines/media.ts';
import type { BackupOrder } from '../appliance.ts';
import { UserError } from '../errors.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Devices } from './devices.ts';
import { findOne, unknownTarget } from './targets.ts';

/** Ids that may still be asked for although nothing came of them. */
const MAX_GIVEN = 1000;

/** The card whose backup is over; not over is one that goes on by itself when power is good again. */
function endedCard(fact: Fact): CardId | null {
  if (fact.type === 'BackupFinished' || fact.type === 'BackupFailed') return fact.cardId;
  return fact.type === 'BackupInterrupted' && fact.reason !== 'weak-power' ? fact.cardId : null;
}

/** Turns what a person orders into facts. */
export class Orders {
  readonly #runtime: Runtime;
  readonly #devices: Devices;
  /** Folders that are cards only because of a command: they are let go when their backup ends. */
  readonly #folders = new Set<CardId>();
  /** Folders being let go: one that is ordered again meanwhile must come in anew, or it would go in mid copy. */
  #releasing: Promise<void> = Promise.resolve();
  /** The last ids given out: one whose card went before it began has no history line. */
  readonly #given: string[] = [];

  constructor(runtime: Runtime, devices: Devices) {
    this.#runtime = runtime;
    this.#devices = devices;
    runtime.decided$.subscribe(({ record: { fact } }) => {
      const ended = endedCard(fact);
      if (ended !== null && this.#folders.delete(ended)) this.#release(ended);
    });
  }

  /** Ids in the order of the cards. Throws `UserError` 64, 65, 66, 74, 75, 77. */
  async backup(order: BackupOrder): Promise<readonly { readonly id: string; readonly card: string }[]> {
    this.#runtime.expectToRecord();
    const driveId = order.to === null ? null : this.#drive(order.to);
    if (contextOf(this.#runtime.state).ending) throw ending();
    if (order.wait && contextOf(this.#runtime.state).drives.length === 0) {
      throw new UserError(
        'no-drive',
        66,
        'no adopted drive is attached',
        'attach one, or: imagetank drive adopt DIR',
      );
    }
    const before = new Set(this.#folders);
    const started: { readonly id: string; readonly card: string }[] = [];
    for (const card of await this.#cards(order.card)) {
      const { fit } = order;
      const fact = { type: 'BackupRequested', cardId: card.id, by: 'person', driveId, fit } as const;
      const { state } = await this.#runtime.order(fact).catch((error: unknown) => {
        // A folder that is a card for this order only would stay one for ever.
        if (!before.has(card.id) && this.#folders.delete(card.id)) this.#release(card.id);
        throw error;
      });
      const id = idOf(state, card);
      this.#given.push(id);
      if (this.#given.length > MAX_GIVEN) this.#given.shift();
      started.push({ id, card: card.label });
    }
    return started;
  }

  async resumeFolder({ path, label }: Card): Promise<void> {
    const card = await this.#devices.attachFolderCard(path, label, 'manual');
    this.#folders.add(card.id);
  }

  /** This id was given out lately. */
  knows(id: string): boolean {
    return this.#given.includes(id);
  }

  /** A card that is attached, by label, UUID, id or path; a folder that is not yet one becomes one. */
  async #cards(word: string | null): Promise<readonly Card[]> {
    await this.#releasing;
    const { cards } = this.#devices.attached;
    if (word === null) {
      if (cards.length > 0) return cards;
      throw new UserError('no-card', 66, 'no card is attached', 'insert one, or name a folder');
    }
    const found = findOne(cards, word);
    if (found !== null) return [found];
    if (!word.startsWith('/')) throw unknownTarget('card', word);
    const card = await this.#devices.attachFolderCard(word, null, 'manual');
    // A volume that was mounted this moment stays: it is not there because of the command.
    if (card.kind === 'folder' && !cards.some((other) => other.id === card.id)) this.#folders.add(card.id);
    return [card];
  }

  #release(id: CardId): void {
    const released = this.#devices.detachCard(id).catch(() => undefined);
    this.#releasing = Promise.all([this.#releasing, released]).then(() => undefined);
  }

  #drive(word: string): DriveId {
    const found = findOne(this.#devices.attached.drives, word);
    if (found === null) throw unknownTarget('drive', word);
    if (found.id !== null && found.adopted) return found.id;
    const hint = `adopt it first: imagetank drive adopt ${word}`;
    throw new UserError('not-adopted', 77, `${word}: this drive is not adopted`, hint);
  }
}

function idOf(state: DecisionState, card: Card): BackupId {
  const { running, queue, ending: ends } = contextOf(state);
  if (ends) throw ending();
  const runs = running.find((entry) => entry.card.id === card.id);
  const waits = queue.find((entry) => entry.cardId === card.id);
  const id = runs?.backupId ?? waits?.backupId;
  if (id !== undefined) return id;
  throw new UserError(
    'card-removed',
    66,
    `${card.label}: the card was removed before its backup began`,
    'insert it again',
  );
}

const ending = () =>
  new UserError(
    'ending',
    75,
    'no backup starts now: imagetank is shutting down',
    'try again when it has started',
  );
