import type { SpecialKind } from '../media-ports.ts';
import { SomeNames } from './some-names.ts';

export const WORD_OF_SPECIAL = {
  link: 'symbolic link',
  fifo: 'named pipe',
  socket: 'socket',
  device: 'device',
} as const satisfies Record<SpecialKind, string>;

/** Counts what is no regular file on a card, and keeps the first few names. */
export class SpecialFiles {
  readonly #names = new SomeNames();

  add(path: string, kind: SpecialKind): void {
    this.#names.add(`${path} (${WORD_OF_SPECIAL[kind]})`);
  }

  /** One line for its owner: it is listed, never followed, and on no drive. Null when there is none. */
  note(label: string): string | null {
    const { count } = this.#names;
    if (count === 0) return null;
    const what = count === 1 ? '1 entry is no file and is' : `${count} entries are no files and are`;
    return `${label}: ${what} not backed up: ${this.#names}`;
  }
}
