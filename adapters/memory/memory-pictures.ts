import type { PhotoId } from '../../services/library/ports.ts';
import type {
  PictureCache,
  PictureMaker,
  PictureOutcome,
  PictureSize,
  PictureSource,
} from '../../services/pictures/ports.ts';

/** Remembers which pictures there are; of the pictures themselves it holds nothing. */
export class MemoryPictureCache implements PictureCache {
  readonly #kept = new Map<string, string | 'none'>();
  /** Null when there is no room. */
  room: string | null = '/cache/making';

  async find(id: PhotoId, size: PictureSize): Promise<string | 'none' | null> {
    return this.#kept.get(`${id}-${size}`) ?? null;
  }

  async place(): Promise<string | null> {
    return this.room;
  }

  async keep(id: PhotoId, size: PictureSize, made: boolean): Promise<string | 'none' | null> {
    this.#kept.set(`${id}-${size}`, made ? `/cache/${id}-${size}` : 'none');
    return this.find(id, size);
  }

  get size(): number {
    return this.#kept.size;
  }
}

/** Makes nothing: each picture waits for `finish`. */
export class MemoryPictureMaker implements PictureMaker {
  /** In the order in which they were begun: root, path, name, edge, into. */
  readonly made: string[] = [];
  #last: Promise<unknown> = Promise.resolve();
  #finish: (outcome: PictureOutcome) => void = () => undefined;
  #stopped = false;
  #round = 0;

  make({ root, path, name }: PictureSource, edge: number, into: string): Promise<PictureOutcome> {
    const asked = this.#round;
    const mine = this.#last.then(() => {
      if (this.#stopped || asked !== this.#round) return 'failed' as const;
      this.made.push(`${root}/${path} ${name} ${edge} ${into}`);
      return new Promise<PictureOutcome>((resolve) => {
        this.#finish = resolve;
      });
    });
    this.#last = mine;
    return mine;
  }

  finish(outcome: PictureOutcome): void {
    this.#finish(outcome);
  }

  async interrupt(): Promise<void> {
    this.#round += 1;
    this.#finish('failed');
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#finish('failed');
    await this.#last;
  }
}
