import type { Clock } from '../ports.ts';
import type { Problem } from '../shapes.ts';
import type { Looked } from './clearing.ts';
import { type InboxListing, MAX_LISTED, type TakenFile } from './ports.ts';

type Kind = 'instead' | 'hidden' | 'unreadable' | 'taken' | 'stuck' | 'many';

interface Parts {
  readonly clock: Pick<Clock, 'stamp'>;
  readonly warn: (text: string) => void;
}

/** As of adapters/fs/names.ts: for people. */
const TAKEN = '.imagetank/taken';

const INSTEAD = {
  link: 'it is a link, which is never followed: nothing in it is copied; make a folder `inbox` there, or set `inbox = false`',
  other:
    'it is no folder, so nothing can be uploaded; rename it and make a folder `inbox`, or set `inbox = false`',
} as const;

/** What is wrong with one inbox and stays so until a person mends it. */
export class Troubles {
  readonly #name: string;
  readonly #parts: Parts;
  readonly #now = new Map<Kind, Problem>();

  constructor(name: string, parts: Parts) {
    this.#name = name;
    this.#parts = parts;
  }

  get problems(): readonly Problem[] {
    return [...this.#now.values()];
  }

  ofInbox(listing: InboxListing | null): void {
    const { instead, hidden, unreadable = 0, firstUnreadable } = listing ?? {};
    this.#say('instead', instead === undefined ? null : INSTEAD[instead]);
    this.#say('hidden', hidden === undefined ? null : hiddenWords(hidden));
    const first = firstUnreadable ?? 'it';
    this.#say('unreadable', unreadable === 0 ? null : unreadableWords(first, unreadable, 'copied'));
  }

  ofTaken({ files, unreadable, firstUnreadable, stuck, more }: Omit<Looked, 'putBack'>): void {
    const first = `${TAKEN}/${firstUnreadable ?? ''}`;
    this.#say('taken', unreadable === 0 ? null : unreadableWords(first, unreadable, 'looked at again'));
    this.#say('many', more ? manyWords(files.length) : null);
    const [file] = stuck;
    this.#say('stuck', file === undefined ? null : stuckWords(file, stuck.length));
  }

  /** Nothing at all can be said of the inbox, or of what was taken; the log was told why. */
  failed(kind: 'unreadable' | 'taken', text: string): void {
    this.#put(kind, `${this.#name}: ${text}`);
  }

  /** A line in the log when it begins: a folder that fills changes with each look. `null`: it is over. */
  #say(kind: Kind, text: string | null): void {
    if (text === null) this.#now.delete(kind);
    else if (this.#put(kind, `${this.#name}: ${text}.`)) this.#parts.warn(`${this.#name}: ${text}.`);
  }

  /** True when there was none of this kind. */
  #put(kind: Kind, message: string): boolean {
    const before = this.#now.get(kind);
    const since = before?.since ?? this.#parts.clock.stamp().at;
    this.#now.set(kind, { code: 'inbox', blinks: 0, message, since });
    return before === undefined;
  }
}

function hiddenWords({ files, first }: NonNullable<InboxListing['hidden']>): string {
  const count = `${files.toLocaleString('en')}${files < MAX_LISTED ? '' : ' or more'}`;
  const many = files === 1 ? '1 file lies in a hidden folder' : `${count} files lie in hidden folders`;
  return `${many} (${first}): not copied; give the folder a name without a dot, or remove it`;
}

function manyWords(files: number): string {
  return `more than ${files.toLocaleString('en')} files were copied and taken out within the hour, and the others cannot be looked at again before these are deleted; nothing to do`;
}

function stuckWords({ backupId, path }: TakenFile, files: number): string {
  const [others, they] = files === 1 ? ['', 'it'] : [` and ${files - 1} more`, 'they'];
  return `${TAKEN}/${backupId}/${path}${others} changed after being copied, or lost a copy, and cannot go back into the inbox; make \`inbox\` a folder again, and ${they} will be copied`;
}

function unreadableWords(first: string, unreadable: number, what: string): string {
  const others = unreadable === 1 ? '' : ` and ${unreadable - 1} more`;
  return `${first}${others} cannot be read, so what lies there is not ${what}; check owner and permissions, and the drive`;
}
