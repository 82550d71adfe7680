/** JSON shapes of long work and its results: `check`, `verify`, `library index`, `library preview`. */
import * as z from 'zod';
import { bytes, count, time } from './shape-words.ts';

/** What `check` is asked beside the card. */
export const CheckOptions = z.object({
  copies: z
    .union([z.literal('all'), z.number().int().min(1)])
    .nullable()
    .default(null)
    .describe('how many drives must hold each file; all: each that is attached; null: as configured'),
  offsite: z.boolean().default(false).describe('also asks for a verified off-site copy of each file'),
});
export type CheckOptions = z.infer<typeof CheckOptions>;

export const CheckResult = z.object({
  safe: z.boolean(),
  files: count,
  verified: count.describe('files that have all that was asked for'),
  copies: z
    .object({
      asked: z.union([z.literal('all'), count]),
      required: count.describe(
        'drives that must hold each file; with all as many as are attached, 1 at least',
      ),
      lookedAt: count.describe(
        'of these, looked at now for every verified file: the copy is there with its recorded size and time; where no file is verified, how many of them were asked',
      ),
      onRecord: count.describe(
        'the rest: verified when they were made, on drives that are away; 0 where no file is verified',
      ),
    })
    .describe('lookedAt + onRecord = required, where a file is verified'),
  drives: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      state: z
        .enum(['attached', 'away', 'unusable'])
        .describe('unusable: read-only, failing, one of two with the same id; what it holds does not count'),
      files: count.describe('files of the card that it holds verified'),
    }),
  ),
  offsite: z
    .object({ verified: count })
    .optional()
    .describe('files with a verified off-site copy; absent when none was asked for'),
  missing: z.array(
    z.object({
      path: z.string(),
      pathBase64: z.string().optional().describe('raw bytes of a name that is not UTF-8'),
      why: z.enum([
        'not-on-drive',
        'altered',
        'unverified',
        'unreadable',
        'hard-link',
        'too-few-copies',
        'not-offsite',
      ]),
      copies: count.describe('verified ones, each on another drive'),
      drives: z.array(z.string()).describe('ids of the drives that hold them'),
    }),
  ),
  notFiles: z
    .array(
      z.object({
        path: z.string(),
        pathBase64: z.string().optional(),
        what: z.enum(['link', 'fifo', 'socket', 'device']),
      }),
    )
    .optional()
    .describe('what no backup copies, because it is no file; absent when there is none'),
  ignored: z
    .array(z.string())
    .optional()
    .describe('folders of operating systems, which no backup copies; absent when there is none'),
  gaps: z.array(z.string()).describe('runs of file numbers that were on no card seen'),
});
export type CheckResult = z.infer<typeof CheckResult>;

const ManifestProblemShape = z.object({
  path: z.string().describe('of the manifest or chain; it is in altered or missing, too'),
  detail: z.string(),
  held: z
    .enum(['nothing', 'part', 'all'])
    .describe('how much of what it lists, or a chain names, was held against the files all the same'),
});
export type ManifestProblemShape = z.infer<typeof ManifestProblemShape>;

const manifestProblems = z
  .array(ManifestProblemShape)
  .optional()
  .describe('manifests that are damaged, altered or gone; absent when there is none');

const MediumVerified = z.object({
  ok: z.boolean(),
  files: count,
  altered: z.array(z.string()),
  missing: z.array(z.string()),
  new: z.array(z.string()),
  renamed: z
    .array(z.object({ from: z.string(), to: z.string() }))
    .optional()
    .describe('missing ones whose content lies there as a new file: they are in missing and in new too'),
  superseded: z
    .array(z.object({ path: z.string(), by: z.string() }))
    .optional()
    .describe('altered or missing ones of which a good copy lies on the same drive under another name'),
  manifestProblems,
});

export const VerifyResult = MediumVerified.extend({
  drives: z
    .array(MediumVerified.extend({ id: z.string(), label: z.string() }))
    .optional()
    .describe('with several drives: what was found on each; one path may stand in the lists above twice'),
  away: z
    .array(z.string())
    .optional()
    .describe('labels of drives of the backup that are not attached: nothing was read there'),
});
export type VerifyResult = z.infer<typeof VerifyResult>;

export const IndexResult = z.object({
  drive: z.string().describe('label'),
  folder: z.string().describe('below the drive'),
  files: count.describe('all that lie there, but for manifests and what operating systems leave behind'),
  indexed: count.describe('read now, and copies from now on'),
  known: count.describe('were verified copies already, as recorded, and were not read again'),
  unread: count.describe('with dryRun: those that would be read'),
  unreadBytes: bytes.describe('with dryRun'),
  verifiedFrom: z
    .enum(['medium', 'cache'])
    .nullable()
    .describe('where the bytes of the indexed ones came from; cache for one of them at least; null for none'),
  altered: z
    .array(z.string())
    .describe(
      'not what was recorded, or not what a manifest there says: no copies, and marks are taken away',
    ),
  missing: z.array(z.string()).describe('a manifest there lists them, and they are gone'),
  unreadable: z.array(z.string()).describe('files and folders'),
  changed: z
    .array(z.string())
    .describe('somebody wrote to them, moved or removed them meanwhile: index again'),
  refused: z
    .array(z.string())
    .describe(
      'names that no manifest can carry: not UTF-8, or with control characters other than tab and line ends',
    ),
  linked: z
    .array(z.string())
    .describe('the very file of a copy on another drive, under another name: no second copy'),
  special: z.array(z.string()).describe('links, pipes and devices, which are no files'),
  manifests: z.array(z.string()).describe('new generations, below the drive'),
  manifestProblems,
});
export type IndexResult = z.infer<typeof IndexResult>;

/** Long work reports how far it is; the last message carries the result. */
export const WorkProgress = z.object({
  filesDone: count,
  filesTotal: count,
  bytesDone: bytes,
  bytesTotal: bytes,
});
export type WorkProgress = z.infer<typeof WorkProgress>;

/** One file of `library preview`. */
export const PreviewFile = z.object({
  path: z.string().describe('on the card'),
  pathBase64: z.string().optional().describe('raw bytes of a path that is not UTF-8'),
  to: z.string().describe('on the drive'),
  renamed: z.boolean().describe('its own name is taken by another file: it got a suffix'),
  drive: z
    .string()
    .optional()
    .describe(
      'label of the attached drive, with its UUID or path where another has the same; absent for an empty one that is imagined',
    ),
  driveId: z.string().optional().describe('absent with it'),
  there: z.boolean().optional().describe('it lies on that drive already; absent with it'),
});
export type PreviewFile = z.infer<typeof PreviewFile>;

export const PreviewResult = z.object({
  files: count.describe('of the card'),
  renamed: count,
  ignored: count,
  unreadable: count,
  drives: z
    .array(
      z.object({
        drive: z.string().describe('as of its files'),
        driveId: z.string(),
        fits: z.boolean().describe('false: there is no room for all of it, and a backup copies nothing'),
        files: count.optional().describe('absent, as the next two, where it does not fit'),
        there: count.optional().describe('of them, already'),
        renamed: count.optional(),
      }),
    )
    .optional()
    .describe('absent where none is attached'),
});
export type PreviewResult = z.infer<typeof PreviewResult>;

/** Files in the order of copying, progress in between, the result at the end. */
export type PreviewMessage =
  | { readonly file: PreviewFile }
  | { readonly progress: Pick<WorkProgress, 'filesDone' | 'filesTotal'> }
  | { readonly result: PreviewResult };

export const VerifyProgress = WorkProgress.extend({
  rateBytesPerSecond: z.number().nonnegative().nullable(),
  secondsLeft: z.number().nonnegative().nullable(),
  waiting: z.boolean().describe('a backup runs and goes first'),
  drive: z.string().nullable().describe('label of the drive that is read; null for a backup or a folder'),
  continued: z
    .object({ after: z.string(), files: count, at: time })
    .nullable()
    .describe('an earlier verification came so far and was interrupted'),
});
export type VerifyProgress = z.infer<typeof VerifyProgress>;
