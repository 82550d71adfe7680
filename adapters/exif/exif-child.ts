import type { Worker } from '../../services/worker-ports.ts';
import { type ExifAnswer, type ExifRequest, isRawTags, MAX_PATHS, type RawTags } from './messages.ts';

/** Asks a worker, and does not believe what it sends. */
export class ExifChild {
  readonly #worker: Worker;
  #lastId = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  /**
   * What the child sent back for each file; null for one over which it died, hung, took too much memory or sent
   * nonsense: the others are then asked of a new child. One call at a time.
   */
  async askAll(paths: readonly string[]): Promise<readonly (RawTags | null)[]> {
    const raws: (RawTags | null)[] = [];
    let each = paths.length === 1;
    while (raws.length < paths.length) {
      const rest = paths.slice(raws.length, raws.length + MAX_PATHS);
      const outcome = await this.#ask(rest, each, raws);
      if (outcome === 'not-started') return paths.map((_, at) => raws[at] ?? null);
      if (outcome === 'answered') continue;
      // Of files that are answered together nobody knows which one it was.
      if (each) raws.push(null);
      each = true;
    }
    return raws;
  }

  /** Adds the answers up to the file for which none came. */
  #ask(paths: readonly string[], each: boolean, raws: (RawTags | null)[]) {
    this.#lastId += 1;
    const request: ExifRequest = { id: this.#lastId, paths, each };
    let answered = 0;
    return this.#worker.ask(request, (message) => {
      if (!isAnswerTo(request, answered, message)) return 'alien';
      raws.push(...message.raws);
      answered += message.raws.length;
      return answered === paths.length ? 'last' : 'more';
    });
  }
}

function isAnswerTo({ id, paths }: ExifRequest, at: number, message: unknown): message is ExifAnswer {
  if (typeof message !== 'object' || message === null) return false;
  if (!('id' in message && 'at' in message && 'raws' in message)) return false;
  const { raws } = message;
  if (message.id !== id || message.at !== at || !Array.isArray(raws)) return false;
  const isRaw = (raw: unknown) => raw === null || isRawTags(raw);
  return raws.length > 0 && raws.length <= paths.length - at && raws.every(isRaw);
}
