import type { MountAnswer, MountTrouble } from '../../services/devices/ports.ts';

/** `unavailable` is the client's own: a helper that answers is there. */
const TROUBLES: ReadonlySet<string> = new Set<Exclude<MountTrouble, 'unavailable'>>([
  'gone',
  'not-allowed',
  'read-only',
  'needs-repair',
  'busy',
  'failed',
]);

const isTrouble = (word: string): word is MountTrouble => TROUBLES.has(word);

/** `ok /media/imagetank/sda1` or `no TROUBLE detail text`, without its newline. Anything else is `failed`. */
export function parseAnswer(line: string): MountAnswer {
  // A path is used as it is, blanks and all.
  if (line.startsWith('ok /')) return { ok: true, path: line.slice(3) };
  const [, trouble = '', detail = ''] = /^no ([a-z-]+)(?: (.*))?$/.exec(line) ?? [];
  if (isTrouble(trouble)) return { ok: false, trouble, detail: detail.trim() };
  return failed(`the mount helper’s answer is not understood: ${JSON.stringify(line.slice(0, 100))}`);
}

export const failed = (detail: string): MountAnswer => ({ ok: false, trouble: 'failed', detail });
