import { UserError } from '../errors.ts';
import type { Photo, PhotoId } from '../library/ports.ts';
import type { Clock, Ids } from '../ports.ts';
import { away, type Originals } from './originals.ts';

/** A day of a wedding; their names and sizes take some 2 MB. */
export const MAX_SELECTED = 10_000;
/** The one of this device that was made first goes for a third. */
const MAX_OF_ONE = 2;
const MAX_OF_ALL = 8;
const LIFE_MS = 3_600_000;
/** Photos that are looked up, or the time that takes, before others have a turn: LEDs are to be 10 ms late at most. */
const TURN = { lookUps: 50, ms: 4 } as const;

type Selected = Pick<Photo, 'id' | 'name' | 'sizeBytes' | 'takenAt' | 'day'>;

/** Photos that somebody wants as one file. */
export interface Selection {
  readonly id: string;
  readonly photos: readonly Selected[];
  readonly bytes: number;
}

interface Kept extends Selection {
  readonly owner: string | null;
  readonly untilMs: number;
}

export interface SelectionsParts {
  readonly originals: Pick<Originals, 'find' | 'isHere'>;
  readonly clock: Pick<Clock, 'monoMs' | 'setTimer'>;
  readonly ids: Ids;
}

/** What was selected for a download, in memory, for an hour. */
export class Selections {
  readonly #parts: SelectionsParts;
  #kept: readonly Kept[] = [];
  /** Whose selections are being made. */
  readonly #makers = new Set<string | null>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: SelectionsParts) {
    this.#parts = parts;
  }

  /**
   * `owner`: a device, null for the box; only it finds the selection again. The same photo twice is one. Throws `UserError`
   * 66 for a photo that nobody knows and for those that no attached drive has, 75 while this owner has another one made:
   * they are made one after the other, whoever asks.
   */
  async make(ids: readonly PhotoId[], owner: string | null): Promise<Selection> {
    if (this.#makers.has(owner)) throw beingMade();
    this.#makers.add(owner);
    const mine = this.#last.then(() => this.#make(ids, owner));
    this.#last = mine.catch(() => undefined);
    return mine.finally(() => this.#makers.delete(owner));
  }

  /** Null when it is over, was never made, or somebody else made it. */
  find(id: string, owner: string | null): Selection | null {
    return this.#alive.find((kept) => kept.id === id && kept.owner === owner) ?? null;
  }

  async #make(ids: readonly PhotoId[], owner: string | null): Promise<Selection> {
    const { originals, clock } = this.#parts;
    const photos: Selected[] = [];
    const missing: string[] = [];
    let turn = { at: 0, ms: clock.monoMs() };
    for (const [at, id] of [...new Set(ids)].entries()) {
      if (at - turn.at >= TURN.lookUps || clock.monoMs() - turn.ms >= TURN.ms) {
        // Only one timer at a time: input and output have their turn before the next.
        await new Promise<void>((resolve) => clock.setTimer(0, resolve));
        turn = { at, ms: clock.monoMs() };
      }
      const photo = originals.find(id);
      const { name, sizeBytes, takenAt, day } = photo;
      if (!originals.isHere(photo)) missing.push(name);
      photos.push({ id, name, sizeBytes, takenAt, day });
    }
    const [first] = missing;
    if (first !== undefined)
      throw away(missing.length === 1 ? first : `${first} and ${missing.length - 1} more`);
    const bytes = photos.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const made = { id: this.#parts.ids.uuid(), photos, bytes, owner, untilMs: clock.monoMs() + LIFE_MS };
    const own = this.#alive.filter((kept) => kept.owner === owner).slice(1 - MAX_OF_ONE);
    const kept = this.#alive.filter((one) => one.owner !== owner || own.includes(one));
    this.#kept = [...kept.slice(1 - MAX_OF_ALL), made];
    return made;
  }

  get #alive(): readonly Kept[] {
    const nowMs = this.#parts.clock.monoMs();
    this.#kept = this.#kept.filter(({ untilMs }) => nowMs < untilMs);
    return this.#kept;
  }
}

const beingMade = () =>
  new UserError(
    'selection-being-made',
    75,
    'another selection of yours is being made',
    'wait until it is, then select again',
  );
