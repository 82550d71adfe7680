import { extensionOf } from '../library/media.ts';
import { clashKey } from '../library/names.ts';

/** What no system unpacks, what climbs, and what steers a terminal (`threats.md`). */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}/\\:*?"<>|]/gu;
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Names in an archive: none twice in any case, none a path. `IMG_1.JPG`, `IMG_1 (2).JPG`. */
export class ArchiveNames {
  readonly #taken = new Set<string>();
  /** Number that the last one of a name got. */
  readonly #last = new Map<string, number>();

  /** For the next photo. */
  add(name: string): string {
    const safe = safeName(name);
    const key = clashKey(safe);
    const extension = extensionOf(safe);
    const stem = safe.slice(0, safe.length - extension.length);
    let unique = safe;
    for (let number = (this.#last.get(key) ?? 1) + 1; this.#taken.has(clashKey(unique)); number += 1) {
      unique = `${stem} (${number})${extension}`;
      this.#last.set(key, number);
    }
    this.#taken.add(clashKey(unique));
    return unique;
  }
}

function safeName(name: string): string {
  const plain = Buffer.from(name)
    .toString()
    .replace(UNSAFE, '_')
    .replace(/[. ]+$/, '');
  return plain === '' || DEVICE.test(plain) ? `_${plain}` : plain;
}
