import { extensionOf } from '../library/media.ts';
import { clashKey } from '../library/names.ts';

/** What no system unpacks, what climbs, and what steers a terminal (`threats.md`). */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}/\\:*?"<>|]/gu;
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Names in an archive, in the order of the photos: none twice in any case, none a path. `IMG_1.JPG`, `IMG_1 (2).JPG`. */
export function archiveNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  const last = new Map<string, number>();
  return names.map((name) => {
    const safe = safeName(name);
    const key = clashKey(safe);
    const extension = extensionOf(safe);
    const stem = safe.slice(0, safe.length - extension.length);
    let unique = safe;
    for (let number = (last.get(key) ?? 1) + 1; taken.has(clashKey(unique)); number += 1) {
      unique = `${stem} (${number})${extension}`;
      last.set(key, number);
    }
    taken.add(clashKey(unique));
    return unique;
  });
}

function safeName(name: string): string {
  const plain = Buffer.from(name)
    .toString()
    .replace(UNSAFE, '_')
    .replace(/[. ]+$/, '');
  return plain === '' || DEVICE.test(plain) ? `_${plain}` : plain;
}
