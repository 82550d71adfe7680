import { UserError } from '../errors.ts';
import { troubleText } from './arrival.ts';
import type { VolumePlace } from './place.ts';
import type { Mounter, Places } from './ports.ts';
import { isMountOf } from './seen.ts';

/** A card that could not be mounted for reading; `gone` when it was pulled. */
export class MountError extends Error {
  readonly gone: boolean;

  constructor(message: string, gone: boolean) {
    super(message);
    this.name = 'MountError';
    this.gone = gone;
  }
}

export const isMountError = (error: unknown): error is MountError => error instanceof MountError;

/** Lets go of a card; may be called twice. */
export type Release = () => Promise<void>;

/**
 * Who reads which card. A card that the helper mounts is mounted while somebody holds it; when the last one lets go it
 * is unmounted, so that it may be pulled while the light is green.
 */
export class Holds {
  readonly #mounter: Mounter;
  readonly #places: Places;
  readonly #counts = new Map<string, number>();
  readonly #warn: (text: string) => void;

  constructor(mounter: Mounter, places: Places, warn: (text: string) => void) {
    this.#mounter = mounter;
    this.#places = places;
    this.#warn = warn;
  }

  /** Mounts the card unless it is mounted. Throws `MountError`. */
  async hold({ key, path, label, target, holder }: VolumePlace): Promise<Release> {
    if (holder !== 'us' || target === null) return async () => undefined;
    this.#add(key, 1);
    try {
      const answer = await this.#mounter.mountCard(target);
      if (!answer.ok) throw new MountError(`${label}: ${troubleText(answer)}`, answer.trouble === 'gone');
      if (answer.path !== path)
        throw new MountError(`${label}: mounted at ${answer.path}, not ${path}`, false);
      if (!(await isMountOf(path, target.node, this.#places)))
        throw new MountError(`${label}: mounted at ${path}, which is not seen here`, false);
    } catch (error) {
      this.#add(key, -1);
      throw error;
    }
    let held = true;
    return async () => {
      if (!held) return;
      held = false;
      if (this.#add(key, -1) > 0) return;
      const answer = await this.#mounter.unmount(target);
      if (!answer.ok) this.#warn(`${label} could not be unmounted: ${troubleText(answer)}`);
    };
  }

  #add(key: string, change: 1 | -1): number {
    const count = (this.#counts.get(key) ?? 0) + change;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
    return count;
  }
}

/** Long work on a card that is held for as long as it lasts, from the first message that is asked for. Throws 74. */
export async function* held<Message>(
  hold: () => Promise<Release>,
  work: AsyncIterable<Message>,
): AsyncGenerator<Message> {
  const release = await hold().catch((error: unknown) => {
    const hint = 'insert the card again, or try another reader';
    throw isMountError(error) ? new UserError('mount-failed', 74, error.message, hint, error) : error;
  });
  try {
    yield* work;
  } finally {
    await release();
  }
}
