/** What `strace -f -y` wrote: which thread made which call on what, in the order of the run. */

export interface SystemCall {
  readonly name: string;
  /** What the call names or the descriptor stands for; empty when it is neither. */
  readonly path: string;
  /** The how-many-th call of this name in its own thread: what `inject=…:when=` counts. */
  readonly count: number;
  /** No other thread of the run came to this count of this name before. */
  readonly first: boolean;
}

/** Names of a drive are looked for in a folder that is held open (`adapters/fs/io/folders.ts`). */
export const HELD = '/proc/self/fd/';

const LINE = /^(\d+)\s+(\w+)\((.*)$/;
/** A descriptor with its path, `18</state/journal.db>`, or the last path in quotes: of `link` and `rename` the target. */
const DESCRIPTOR = /^\d+<([^>]*)>/;
const QUOTED = /"((?:[^"\\]|\\.)*)"/g;

/** Calls that are named and counted; a line that continues an unfinished call counts once. */
export function parseTrace(text: string): readonly SystemCall[] {
  const counts = new Map<string, number>();
  const most = new Map<string, number>();
  return text.split('\n').flatMap((line) => {
    const [, thread, name, rest] = LINE.exec(line) ?? [];
    if (thread === undefined || name === undefined || rest === undefined) return [];
    const count = (counts.get(`${thread} ${name}`) ?? 0) + 1;
    counts.set(`${thread} ${name}`, count);
    const first = count > (most.get(name) ?? 0);
    if (first) most.set(name, count);
    return [{ name, path: pathOf(name, rest), count, first }];
  });
}

function pathOf(name: string, rest: string): string {
  const descriptor = DESCRIPTOR.exec(rest)?.[1];
  const quoted = [...rest.matchAll(QUOTED)].map(([, path]) => path ?? '');
  // Data that is written is in quotes, too.
  if (name.includes('write') || name.includes('read') || quoted.length === 0) return descriptor ?? '';
  return quoted.at(-1) ?? '';
}
