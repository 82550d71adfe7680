import { posix } from 'node:path';
import type { ConfigProblem, Layer } from './layers.ts';

const LEGACY_LINE = /^\s*(mount folder|destination folder)\s*=\s*(.*?)\s*$/;

/** True for the text of a `backup_photos.conf`: TOML has no keys with a blank in them. */
export const isLegacy = (text: string): boolean => text.split(/\r?\n/).some((line) => LEGACY_LINE.test(line));

/**
 * The two lines of the seeds' `backup_photos.conf`, blanks around `=` included: `mount folder` → roots,
 * `destination folder` → drives (the last part of a path is the label).
 */
export function legacyLayer(file: string, text: string): Layer | { readonly problems: ConfigProblem[] } {
  const values: Record<string, unknown> = {};
  const lineOf = new Map<string, number>();
  const problems: ConfigProblem[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const match = LEGACY_LINE.exec(line);
    if (match === null && (line.trim() === '' || line.trim().startsWith('#'))) continue;
    const value = match?.[2] ?? '';
    if (match === null || value === '') {
      problems.push({
        what: `line not understood: ${JSON.stringify(line.trim())}`,
        where: `${file}:${index + 1}`,
        hint: 'accepted: "mount folder=/media/pi/" and "destination folder=LABEL"',
      });
      continue;
    }
    const key = match[1] === 'mount folder' ? 'roots' : 'drives';
    values[key] = [key === 'roots' ? withoutSlash(value) : posix.basename(value)];
    lineOf.set(key, index + 1);
  }
  if (problems.length > 0) return { problems };
  return { source: file, values, where: (key) => `${file}:${lineOf.get(key) ?? 1}` };
}

const withoutSlash = (path: string): string => (path === '/' ? path : path.replace(/\/+$/, ''));
