import type { SpecialKind } from '../ports.ts';

const MAX_NAMED = 3;

export const WORD_OF_SPECIAL = {
  link: 'symbolic link',
  fifo: 'named pipe',
  socket: 'socket',
  device: 'device',
} as const satisfies Record<SpecialKind, string>;

/** Counts what is no regular file on a card, and keeps the first few names. */
export class SpecialFiles {
  readonly #named: string[] = [];
  #count = 0;

  add(path: string, kind: SpecialKind): void {
    this.#count += 1;
    if (this.#named.length < MAX_NAMED) this.#named.push(`${path} (${WORD_OF_SPECIAL[kind]})`);
  }

  /** One line for its owner: it is listed, never followed, and on no drive. Null when there is none. */
  note(label: string): string | null {
    if (this.#count === 0) return null;
    const others = this.#count - this.#named.length;
    const more = others === 0 ? '' : ` and ${others === 1 ? '1 other' : `${others} others`}`;
    const what =
      this.#count === 1 ? '1 entry is no file and is' : `${this.#count} entries are no files and are`;
    return `${label}: ${what} not backed up: ${this.#named.join(', ')}${more}`;
  }
}
