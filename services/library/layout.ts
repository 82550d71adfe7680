import { xxh64 } from '@node-rs/xxhash';
import { type DriveId, type RelativePath, relativePath } from '../../machines/ids.ts';
import type { Card } from '../../machines/media.ts';
import type { Catalogue } from '../ports.ts';
import { fileName, folderName, plainSegments, withoutDots } from './names.ts';
import { slug } from './slug.ts';
import { isNumbered, parseTemplate, seqReader, type Template } from './template.ts';

export const LAYOUTS = ['dated', 'mirror', 'numbered', 'custom'] as const;
export type Layout = (typeof LAYOUTS)[number];

/** How a library is laid out: the configuration's own words. */
export interface Style {
  readonly layout: Layout;
  /** Of `custom`; empty for the others. */
  readonly template: string;
  /** `HH:MM`: a shot before it belongs to the day before. */
  readonly dayStarts: string;
}

const TEMPLATES = {
  dated: '{year}/{date}/{name}.{ext}',
  numbered: '{year}{month}{day}/pimg_{seq}.{ext}',
} as const;

/** Null for `mirror`, which has the card's own paths. Throws a `RangeError` for a template that no configuration takes. */
export function templateOf({ layout, template }: Pick<Style, 'layout' | 'template'>): Template | null {
  if (layout === 'mirror') return null;
  return {
    ...parsed(layout === 'custom' ? template : TEMPLATES[layout]),
    lowerCase: layout === 'numbered',
  };
}

function parsed(text: string): Template {
  const template = parseTemplate(text);
  if ('problem' in template) throw new RangeError(`template ${JSON.stringify(text)}: ${template.problem}`);
  return template;
}

/** Finds the counter in a path on a drive that was written in this style, or in `numbered`. */
export function numberReader(style: Style): (to: RelativePath) => number | null {
  const seqIn = seqOf(style);
  return (to) => (to.startsWith('Photos/') ? seqIn(fileName(to)) : null);
}

/** As `seqReader` of the style's template, of `numbered` where that has no counter. */
function seqOf(style: Style): (fileName: string) => number | null {
  const template = templateOf(style);
  const isCounting = template !== null && isNumbered(template);
  return seqReader(isCounting ? template : parsed(TEMPLATES.numbered));
}

/**
 * Finds the counter in the name of a file that nobody here wrote: as this style writes it, or as pi-imgtank does, whose
 * `pimg_000001.jpg` are those of `numbered`. The higher one where both do.
 */
export function foreignNumberReader(style: Style): (fileName: string) => number | null {
  const [own, numbered] = [seqOf(style), seqReader(parsed(TEMPLATES.numbered))];
  return (name) => {
    const highest = Math.max(own(name) ?? 0, numbered(name) ?? 0);
    return highest === 0 ? null : highest;
  };
}

/** Where the files of one card go on one drive. */
export interface Shelving {
  /** Null for `mirror`. */
  readonly template: Template | null;
  readonly dayStarts: string;
  readonly restricted: boolean;
  /** Finds the counter in a file's name; null where there is none. */
  readonly seqIn: (fileName: string) => number | null;
  /** The card's label as a part of a name. */
  readonly card: string;
  /** `Photos/<label>`, or `Photos/<label> (<UUID>)` when another card has the plain one. */
  readonly photos: RelativePath;
  /** The same below `Other/`. */
  readonly other: RelativePath;
}

export function shelvingOf(
  card: Card,
  style: Style,
  drive: {
    readonly driveId: DriveId;
    readonly restricted: boolean;
    readonly catalogue: Pick<Catalogue, 'cardsBelow'>;
  },
): Shelving {
  const folder = (root: string): RelativePath => {
    const plain = relativePath(`${root}/${labelFolder(card.label || card.id, drive.restricted)}`);
    const owners = drive.catalogue.cardsBelow(drive.driveId, plain);
    if (owners.length === 0 || owners.includes(card.id) || isNameless(card)) return plain;
    const own = `${card.label || card.id} (${card.uuid ?? shortId(card)})`;
    return relativePath(`${root}/${labelFolder(own, drive.restricted)}`);
  };
  const { restricted } = drive;
  const template = templateOf(style);
  return {
    template,
    seqIn: template === null ? () => null : seqReader(template),
    dayStarts: style.dayStarts,
    restricted,
    card: slug(card.label) ?? 'unnamed-card',
    photos: folder('Photos'),
    other: folder('Other'),
  };
}

/** A volume without UUID is another card at each insertion: a folder for each would copy everything each time. */
const isNameless = (card: Card): boolean => card.kind === 'volume' && card.uuid === null;

const shortId = (card: Card): string => xxh64(card.id).toString(16).padStart(16, '0').slice(0, 8);

/** A label is one folder, whatever is in it. */
function labelFolder(label: string, restricted: boolean): string {
  const plain = plainSegments({ path: label.replaceAll('/', '%2F') as RelativePath }).join('');
  return folderName(withoutDots(plain), restricted);
}
