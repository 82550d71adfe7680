import { isOwnName, isRestricted } from './names.ts';

/** Everything that a template can name, `contract.md` section 3. */
export const FIELDS = [
  'year',
  'month',
  'day',
  'date',
  'time',
  'camera',
  'serial',
  'card',
  'name',
  'ext',
  'seq',
] as const;

export type Field = (typeof FIELDS)[number];
/** What all members of a shot have in common. */
export type ShotField = Exclude<Field, 'name' | 'ext' | 'seq'>;
type Part = { readonly text: string } | { readonly field: Exclude<Field, 'ext'> };

/** A pattern of paths below `Photos/`. */
export interface Template {
  /** Folders from `Photos/` down; none of them is empty. */
  readonly folders: readonly (readonly Part[])[];
  /** The file's name without `.{ext}`. */
  readonly name: readonly Part[];
  /** Extensions in lower case instead of as on the card. */
  readonly lowerCase: boolean;
}

/** Longer ones come from a damaged file; and it bounds the depth of folders. */
const MAX_CHARS = 500;
const ENDING = '.{ext}';
/** Six digits at least, as in `contract.md` section 4; ten would be no counter any more, but some other number. */
const SEQ_DIGITS = 6;
const MAX_SEQ_DIGITS = 9;

/** Reads a template; what is wrong with it is one line. */
export function parseTemplate(text: string): Template | { readonly problem: string } {
  if (text.length > MAX_CHARS) return { problem: `longer than ${MAX_CHARS} characters` };
  if (text.startsWith('/')) return { problem: 'an absolute path: it is below Photos/' };
  const segments = text.split('/');
  if (/^photos$/i.test(segments[0] ?? '')) return { problem: 'it is below Photos/ already' };
  const file = segments.pop() ?? '';
  if (file.split('{ext}').length !== 2 || !file.endsWith(ENDING) || segments.join('').includes('{ext}')) {
    return { problem: 'it must end in .{ext}, and have {ext} nowhere else' };
  }
  if (segments.includes('')) return { problem: 'a folder without a name' };
  const name = parseSegment(file.slice(0, -ENDING.length));
  if ('problem' in name) return name;
  const folders: (readonly Part[])[] = [];
  for (const segment of segments) {
    const folder = parseSegment(segment);
    if ('problem' in folder) return folder;
    folders.push(folder.parts);
  }
  const problem = problemOfName(name.parts) ?? problemOfFolders(folders);
  return problem === null ? { folders, name: name.parts, lowerCase: false } : { problem };
}

function parseSegment(segment: string): { readonly parts: readonly Part[] } | { readonly problem: string } {
  if (segment.startsWith('.')) return { problem: `${JSON.stringify(segment)}: no name may begin with a dot` };
  if (isOwnName(segment)) return { problem: `${segment} is where the manifests lie` };
  const parts: Part[] = [];
  for (const piece of segment.split(/(\{[^{}]*\})/)) {
    if (piece === '') continue;
    const field = /^\{(.*)\}$/.exec(piece)?.[1];
    if (field === undefined) {
      const problem = problemOfText(piece);
      if (problem !== null) return { problem };
      parts.push({ text: piece });
    } else if (isField(field) && field !== 'ext') parts.push({ field });
    else return { problem: `unknown field {${field}}` };
  }
  return { parts };
}

const isField = (word: string): word is Field => (FIELDS as readonly string[]).includes(word);

function problemOfText(text: string): string | null {
  if (/[{}]/.test(text)) return `${JSON.stringify(text)}: a brace without its partner`;
  if (/\p{Cc}/u.test(text)) return `${JSON.stringify(text)}: a control character`;
  // One layout for all drives.
  if (isRestricted(text))
    return `${JSON.stringify(text)}: \\ : * ? " < > | are not possible on FAT, exFAT and NTFS`;
  return null;
}

const isA = (part: Part | undefined, field: Field): boolean =>
  part !== undefined && 'field' in part && part.field === field;

function problemOfName(parts: readonly Part[]): string | null {
  if (!parts.some((part) => isA(part, 'name') || isA(part, 'seq'))) {
    return "neither {name} nor {seq} in the file's name: all files would have one name";
  }
  const at = parts.findIndex((part) => isA(part, 'seq'));
  if (at === -1) return null;
  if (parts.filter((part) => isA(part, 'seq')).length > 1) return '{seq} twice';
  const touches = [parts[at - 1], parts[at + 1]].some((part) => part !== undefined && 'field' in part);
  // It has to be found again in the names on a drive.
  return touches ? '{seq} needs a character between it and the next field' : null;
}

function problemOfFolders(folders: readonly (readonly Part[])[]): string | null {
  const isNumbered = folders.some((parts) => parts.some((part) => isA(part, 'seq')));
  return isNumbered ? "{seq} is for the file's name, not for folders" : null;
}

/** Whether names have the counter in them. */
export const isNumbered = ({ name }: Template): boolean => name.some((part) => isA(part, 'seq'));

/** Whether files keep the card's names, or parts of them. */
export const keepsNames = ({ name }: Template): boolean => name.some((part) => isA(part, 'name'));

/** Whether a path depends on when and by what the shot was taken. */
export const asksOfShot = ({ folders, name }: Template): boolean =>
  [...folders, name].flat().some((part) => 'field' in part && !FREE.has(part.field));

/** Whether a path depends on what took the shot. */
export const asksOfCamera = ({ folders, name }: Template): boolean =>
  [...folders, name].flat().some((part) => isA(part, 'camera') || isA(part, 'serial'));

const FREE: ReadonlySet<Field> = new Set(['card', 'name', 'ext', 'seq'] as const);

export type ShotFields = Readonly<Record<ShotField, string>>;

/** The folders for a shot, not yet safe for a drive; `name` is the leading member's stem. */
export const foldersOf = ({ folders }: Template, shot: ShotFields, name: string): readonly string[] =>
  folders.map((parts) => rendered(parts, shot, name, ''));

/** A member's name without its extension, not yet safe for a drive. */
export const stemOf = (template: Template, shot: ShotFields, name: string, seq: number): string =>
  rendered(template.name, shot, name, String(seq).padStart(SEQ_DIGITS, '0'));

/** Only the fields that are named are worked out: a slug takes longer than all the rest of a path. */
const rendered = (parts: readonly Part[], shot: ShotFields, name: string, seq: string): string =>
  parts
    .map((part) => {
      if ('text' in part) return part.text;
      if (part.field === 'name') return name;
      return part.field === 'seq' ? seq : shot[part.field];
    })
    .join('');

/**
 * Finds the counter in a file's name by the text around it, the highest where there are several; null where there is
 * none, or one of ten digits and more. In linear time: the name may be anything.
 */
export function seqReader({ name }: Template): (fileName: string) => number | null {
  const at = name.findIndex((part) => isA(part, 'seq'));
  if (at === -1) return () => null;
  const before = at === 0 ? '^' : `${at === 1 ? '^' : ''}${textOf(name[at - 1])}`;
  const after = at === name.length - 1 ? '\\.' : textOf(name[at + 1]);
  const pattern = new RegExp(`${before}(\\d{${SEQ_DIGITS},${MAX_SEQ_DIGITS}})(?=${after})`, 'giu');
  return (fileName) => {
    const found = [...fileName.matchAll(pattern)].map((match) => Number(match[1]));
    return found.length === 0 ? null : Math.max(...found);
  };
}

const textOf = (part: Part | undefined): string =>
  part !== undefined && 'text' in part ? part.text.replace(/[.+^$()[\]]/g, '\\$&') : '';
