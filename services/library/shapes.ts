/** JSON shapes of `explain` and `library list`: one zod schema each, as in `services/shapes.ts`. */
import * as z from 'zod';
import { bytes, count, time } from '../shape-words.ts';

const verifiedFrom = z.enum(['medium', 'cache']);
const place = z.object({ id: z.string(), label: z.string() });

const PhotoCopyShape = z.object({
  drive: place,
  path: z.string(),
  verified: z
    .boolean()
    .describe('it counts now: from the medium, or from the cache on a folder that was adopted'),
  state: z.enum(['verified', 'claimed']).describe('claimed: a manifest says so, it was not re-read yet'),
  verifiedFrom: verifiedFrom.nullable(),
});

/** One content, wherever it lies. */
export const PhotoLine = z.object({
  id: z.string(),
  name: z.string(),
  xxh64: z.string(),
  sizeBytes: bytes,
  day: z
    .string()
    .nullable()
    .describe(
      'under which its backup filed it (day_starts); null: it is no photo, or only a manifest tells of it',
    ),
  dayFrom: z
    .enum(['capture', 'file'])
    .nullable()
    .describe('file: the folder it was put in, else its modification time'),
  takenAt: z.string().nullable().describe('in the camera’s own time, without a zone'),
  zone: z.string().nullable().describe('of takenAt, ±hh:mm'),
  camera: z.string().nullable(),
  cards: z.array(place),
  backups: z.array(z.string()),
  copies: z.array(PhotoCopyShape),
  verifiedCopies: count.describe('drives that hold it verified'),
});
export type PhotoLine = z.infer<typeof PhotoLine>;

export const PhotoPageShape = z.object({
  photos: z.array(PhotoLine),
  next: z.string().nullable().describe('give it as after; null at the end'),
  searchedTo: z
    .string()
    .nullable()
    .optional()
    .describe('with find: day of the photo that was looked at last; null: all were looked at'),
});
export type PhotoPageShape = z.infer<typeof PhotoPageShape>;

export const GroupLine = z.object({
  by: z.enum(['day', 'camera', 'card', 'backup']),
  key: z.string().describe('day, camera (empty: not known), id of the card or backup'),
  label: z.string().describe('for people: label of the card, of a backup that of its card'),
  photos: count,
  bytes,
  fewestCopies: count.describe('verified copies on different drives of the photo that has the fewest'),
  photosWithFewest: count,
});
export type GroupLine = z.infer<typeof GroupLine>;

export const GroupPageShape = z.object({ groups: z.array(GroupLine), next: z.string().nullable() });
export type GroupPageShape = z.infer<typeof GroupPageShape>;

const told = {
  seq: count.describe('record of the journal'),
  at: time,
  clock: z.enum(['synced', 'unsynced']).describe('unsynced: the box did not know the time'),
};
const onDrive = { drive: place, to: z.string() };
const backup = z.object({
  id: z.string(),
  outcome: z.enum(['done', 'failed', 'interrupted']).nullable().describe('null: it runs, or nobody knows'),
});
const fromCard = {
  backup,
  card: place,
  path: z.string(),
  pathBase64: z.string().optional().describe('raw bytes of a name that is not UTF-8'),
};
const settled = {
  ...told,
  ...fromCard,
  ...onDrive,
  verifiedFrom,
  modifiedAt: time.nullable().describe('of the file on the card'),
  secondReading: verifiedFrom.nullable().describe('of the card, where it was read twice'),
  notes: z.array(z.string()),
};

export const Chapter = z.discriminatedUnion('what', [
  z.object({ what: z.literal('copied'), ...settled }),
  z.object({
    what: z.literal('found'),
    ...settled,
    times: count.describe('so often in a row, this being the first time'),
    lastAt: time,
  }),
  z.object({ what: z.literal('claimed'), ...told, ...onDrive }),
  z.object({ what: z.literal('indexed'), ...told, ...onDrive, verifiedFrom: z.enum(['medium', 'cache']) }),
  z.object({
    what: z.literal('lost'),
    ...told,
    ...onDrive,
    why: z.enum(['altered', 'missing']),
    backup: backup.nullable().describe('that found it; null: a verification, an index or a check did'),
    by: z.literal('check').optional().describe('what found it; absent: the others'),
  }),
  z.object({
    what: z.literal('sealed'),
    ...told,
    ...onDrive,
    manifest: z.string().nullable().describe('null: the journal does not say which of several'),
  }),
  z.object({ what: z.literal('reread'), ...told, ...onDrive }),
  z.object({ what: z.literal('forgotten'), ...told, drive: place }),
]);
export type Chapter = z.infer<typeof Chapter>;

export const FailedChapter = z.object({
  ...told,
  ...fromCard,
  drive: place,
  reason: z.string(),
  detail: z.string(),
  salvagedTo: z.string().nullable(),
});
export type FailedChapter = z.infer<typeof FailedChapter>;

const Capture = z.object({
  at: z.string().optional(),
  zone: z.string().optional(),
  make: z.string().optional(),
  model: z.string().optional(),
  serial: z.string().optional(),
  gps: z.object({ latitude: z.number(), longitude: z.number() }).optional(),
});

export const Life = PhotoLine.extend({
  dayFrom: z
    .enum(['capture', 'shot', 'file'])
    .nullable()
    .describe('shot: another file of its shot; file: the folder it was put in, else its modification time'),
  dayBy: z.string().optional().describe('with shot: the name of that file, where the record tells'),
  capture: Capture.nullable().describe('what the camera wrote; null: nothing is recorded'),
  chapters: z.array(Chapter).describe('in order'),
  omitted: count.describe('records in the middle of a long life that were not read'),
});
export type Life = z.infer<typeof Life>;

/** One photo, for who looks at it. */
export const PhotoDetail = Life.omit({ chapters: true, omitted: true }).extend({
  kind: z
    .enum(['raw', 'photo', 'video', 'audio', 'sidecar'])
    .nullable()
    .describe('by its name; null: no media'),
  mediaType: z.string().describe('of the original; application/octet-stream: nothing that a browser shows'),
});
export type PhotoDetail = z.infer<typeof PhotoDetail>;

export const Explanation = z.object({
  name: z.string(),
  lives: z.array(Life).describe('newest first'),
  more: count.describe('photos of this name that are not told'),
  failures: z.array(FailedChapter).describe('when a file of this name could not be copied, newest first'),
});
export type Explanation = z.infer<typeof Explanation>;
