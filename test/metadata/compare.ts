import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';
import type { Capture } from '../../machines/media.ts';
import type { MediaFile, MetadataReader } from '../../services/media-ports.ts';

/** As exiftool prefers them, with all that it reads, maker notes and XMP too. */
const TAGS = [
  'SubSecDateTimeOriginal',
  'DateTimeOriginal',
  'Make',
  'Model',
  'SerialNumber',
  'Composite:GPSLatitude#',
  'Composite:GPSLongitude#',
];

type Reference = Readonly<Record<string, unknown>>;

/** One line a field in which what a reader says differs from what exiftool itself says: `IMG_1.JPG serial: a, exiftool b`. */
export async function differences(reader: MetadataReader, files: readonly MediaFile[]): Promise<string[]> {
  const captures = await reader.captures(files);
  const references = ask(files.map(({ path }) => path));
  return files.flatMap(({ path }, at) => {
    const mine = fieldsOf(captures[at] ?? {});
    const reference = fieldsOfReference(references.find(({ SourceFile }) => SourceFile === path) ?? {});
    return Object.keys(mine)
      .filter((field) => mine[field] !== reference[field])
      .map((field) => `${basename(path)} ${field}: ${mine[field]}, exiftool ${reference[field]}`);
  });
}

function ask(paths: readonly string[]): readonly Reference[] {
  const options = ['-config', '', '-json', ...TAGS.map((tag) => `-${tag}`)];
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  const text = execFileSync('/usr/bin/exiftool', [...options, '-m', ...paths], {
    stdio: [...stdio],
    encoding: 'utf8',
  });
  return JSON.parse(text) as Reference[];
}

const NONE = 'none';

const fieldsOf = ({ at, make, model, serial, gps }: Capture): Record<string, string> => ({
  at: at ?? NONE,
  make: make ?? NONE,
  model: model ?? NONE,
  serial: serial ?? NONE,
  gps: gps === undefined ? NONE : `${gps.latitude} ${gps.longitude}`,
});

function fieldsOfReference(tags: Reference): Record<string, string> {
  const text = (name: string) => (tags[name] === undefined ? NONE : String(tags[name]));
  const taken = tags['SubSecDateTimeOriginal'] ?? tags['DateTimeOriginal'];
  const [day = '', time = ''] = String(taken ?? '').split(' ');
  const { GPSLatitude: north, GPSLongitude: east } = tags;
  const isPlace = typeof north === 'number' && typeof east === 'number';
  return {
    at: day === '' ? NONE : `${day.replaceAll(':', '-')}T${time.replace(/[+-]\d\d:\d\d$/, '')}`,
    make: text('Make'),
    model: text('Model'),
    serial: text('SerialNumber'),
    gps: isPlace ? `${Number(north.toFixed(6))} ${Number(east.toFixed(6))}` : NONE,
  };
}
