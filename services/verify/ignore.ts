import type { RelativePath } from '../../machines/ids.ts';

/** Longer or more than any tool writes; a pattern beyond is left out, so that its files are reported. */
const MAX_PATTERN_CHARS = 1024;
const MAX_PATTERNS = 1000;

type Matcher = (segments: readonly string[]) => boolean;

/**
 * Ignore patterns of a manifest, which are those of `.gitignore` (ASC MHL v2.0, reference tool): `name` anywhere,
 * `name/` folders only, `/name` and `a/b` from the root, `*`, `?`, `[a-z]`, `[!a]`, `**`; a match on a folder covers all below it.
 * A leading `!` is taken literally. Matched by hand: patterns come from foreign disks, and a regular expression made of
 * them could run for ever.
 */
export function ignoreRule(patterns: Iterable<string>): (path: RelativePath) => boolean {
  const matchers: Matcher[] = [];
  for (const pattern of patterns) {
    if (pattern.length <= MAX_PATTERN_CHARS && matchers.length < MAX_PATTERNS)
      matchers.push(matcherOf(pattern));
  }
  return (path) => {
    const segments = path.split('/');
    return matchers.some((matches) => matches(segments));
  };
}

function matcherOf(pattern: string): Matcher {
  const folderOnly = pattern.endsWith('/');
  const parts = pattern.split('/').filter((part) => part !== '');
  if (parts.length === 0) return () => false;
  const anchored = pattern.slice(0, -1).includes('/');
  const wanted = anchored ? parts : ['**', ...parts];
  return (segments) => {
    // Every folder above counts too; the file itself is no folder.
    const longest = folderOnly ? segments.length - 1 : segments.length;
    for (let length = 1; length <= longest; length += 1) {
      if (wildcards(wanted, segments.slice(0, length), '**', matchesName)) return true;
    }
    return false;
  };
}

/** Pieces of a name: a class in brackets, else one character. A bracket that is never closed is a character. */
const PIECES = /\[[!^]?[^\]][^\]]*\]|[\s\S]/gu;

const matchesName = (pattern: string, name: string): boolean =>
  wildcards(pattern.match(PIECES) ?? [], [...name], '*', (wanted, found) => {
    if (wanted.startsWith('[') && wanted.length > 1) return isInClass(wanted, found);
    return wanted === '?' || wanted === found;
  });

/** `[abc]`, `[a-z]`, `[!a]`, `[^a]`. */
function isInClass(text: string, found: string): boolean {
  const isNot = /^\[[!^]/.test(text);
  const members = [...text.slice(isNot ? 2 : 1, -1)];
  let isMember = false;
  for (let index = 0; index < members.length; index += 1) {
    const from = members[index] ?? '';
    const isRange = members[index + 1] === '-' && index + 2 < members.length;
    const to = isRange ? (members[index + 2] ?? '') : from;
    isMember ||= from <= found && found <= to;
    if (isRange) index += 2;
  }
  return isMember !== isNot;
}

/** Two pointers and one place to go back to: at most `pattern × items` steps. */
function wildcards(
  pattern: readonly string[],
  items: readonly string[],
  star: string,
  same: (wanted: string, found: string) => boolean,
): boolean {
  let at = 0;
  let backTo = -1;
  let taken = 0;
  for (let index = 0; index < items.length; ) {
    const wanted = pattern[at];
    if (wanted === star) {
      backTo = at;
      taken = index;
      at += 1;
    } else if (wanted !== undefined && same(wanted, items[index] ?? '')) {
      at += 1;
      index += 1;
    } else if (backTo >= 0) {
      at = backTo + 1;
      taken += 1;
      index = taken;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every((rest) => rest === star);
}
