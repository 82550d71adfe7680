/** JSON shapes of `contract.md` section 2: one zod schema each, from which types, validation and documentation come. */
import * as z from 'zod';
import { LED_SIGNALS } from '../machines/signals.ts';

const time = z.string().describe('ISO 8601 UTC, ends in Z');
const bytes = z.number().int().nonnegative();
const count = z.number().int().nonnegative();
const led = z.string().regex(/^(off|on|blink \d+\/\d+|pulse \d+\/\d+|code \d)$/);
const outcome = z.enum(['done', 'failed', 'interrupted']);
const secondReading = z
  .enum(['medium', 'cache'])
  .nullable()
  .describe(
    'where the second reading of the card came from (verify = "source-twice"); null: it was read once',
  );

export const PUBLIC_STATES = ['boot', 'ready', 'copying', 'error', 'shutdown'] as const;
export const PHASES = [
  'planned',
  'copying',
  'flushing',
  'verifying',
  'sealing',
  'done',
  'failed',
  'interrupted',
] as const;

const lights = {
  state: z.enum(PUBLIC_STATES),
  signal: z.enum(LED_SIGNALS),
  code: z.number().int().min(2).max(9).nullable(),
  leds: z.object({ red: led, amber: led, green: led }),
};

/** A line of `watch`, `replay` and `demo`. */
export const LightLine = z.object({ seq: count, at: time, monoMs: z.number(), ...lights });
export type LightLine = z.infer<typeof LightLine>;

export const DriveStatus = z.object({
  id: z.string().nullable().describe('null for a volume that is not adopted'),
  label: z.string(),
  uuid: z.string().nullable(),
  adopted: z.boolean(),
  mounted: z.boolean(),
  path: z.string().nullable(),
  sizeBytes: bytes.nullable(),
  freeBytes: bytes.nullable(),
  trouble: z
    .string()
    .optional()
    .describe('why a drive is not adopted, and what to do; absent when all is well'),
});
export type DriveStatus = z.infer<typeof DriveStatus>;

export const CardStatus = z.object({
  id: z.string(),
  label: z.string(),
  uuid: z.string().nullable(),
  path: z.string(),
  readOnly: z.boolean(),
  backedUp: z.boolean(),
});
export type CardStatus = z.infer<typeof CardStatus>;

export const BackupStatus = z.object({
  id: z.string(),
  card: z.string(),
  drives: z
    .array(
      z.object({
        id: z.string(),
        label: z.string(),
        phase: z.enum(PHASES),
        outcome: outcome.nullable(),
        reason: z.string().nullable(),
        files: count,
        bytes,
        verifiedFrom: z.enum(['medium', 'cache']).nullable().describe('null: nothing was verified there'),
      }),
    )
    .describe('files and bytes: what each drive holds verified'),
  phase: z.enum(PHASES),
  filesDone: count,
  filesTotal: count,
  bytesDone: bytes,
  bytesTotal: bytes,
  rateBytesPerSecond: z.number().nonnegative().nullable(),
  secondsLeft: z.number().nonnegative().nullable(),
  startedAt: time,
  finishedAt: time.nullable(),
  outcome: outcome.nullable(),
  secondReading,
});
export type BackupStatus = z.infer<typeof BackupStatus>;

export const Problem = z.object({
  code: z.string().describe('reason, for example drive-full'),
  blinks: z.number().int().min(0).max(9).describe('0: not shown on the lights'),
  message: z.string(),
  since: time,
});
export type Problem = z.infer<typeof Problem>;

const measured = {
  level: z.enum(['good', 'warning', 'bad']).nullable().describe('null: not known on this machine'),
  reading: z.string().nullable().describe('for people, for example 48.3 °C'),
  since: time.nullable().describe('when this level began'),
};
const Measured = z.object(measured);

/** The machine itself. */
const Health = z.object({
  rssBytes: bytes,
  uptimeSeconds: z.number(),
  version: z.string(),
  temperature: Measured,
  power: Measured.describe('bad: under-voltage now, nothing is copied'),
  throttling: Measured,
  memory: Measured.describe('of the daemon'),
  stateDisk: Measured.describe('room on the disk of the journal'),
  disks: z
    .array(z.object({ subject: z.string(), ...measured }))
    .describe('SMART verdicts, where there are any'),
});

export const HistoryLine = z.object({
  id: z.string(),
  card: z.string(),
  drives: z.array(
    z.object({
      id: z.string(),
      outcome: outcome.nullable(),
      reason: z.string().nullable(),
      verifiedFrom: z.enum(['medium', 'cache']).nullable().describe('null: nothing was verified there'),
      files: count,
      bytes,
    }),
  ),
  startedAt: time,
  finishedAt: time.nullable(),
  outcome: outcome.nullable(),
  reason: z.string().nullable(),
  files: count,
  bytes,
  copied: count,
  duplicates: count,
  failed: count,
  secondReading,
  notes: z.array(z.string()).describe('what a person should know, the first 20'),
});
export type HistoryLine = z.infer<typeof HistoryLine>;

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
        'of these, looked at now for every verified file: the copy is there with its recorded size and time',
      ),
      onRecord: count.describe('the rest: verified when they were made, on drives that are away'),
    })
    .describe('lookedAt + onRecord = required'),
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
      why: z.enum(['not-on-drive', 'altered', 'unverified', 'unreadable', 'too-few-copies', 'not-offsite']),
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
  files: count.describe('all that lie there'),
  indexed: count.describe('read now, and copies from now on'),
  known: count.describe('were verified copies already, as recorded'),
  altered: z.array(z.string()).describe('not what was recorded before: they lost their mark'),
  unreadable: z.array(z.string()).describe('could not be read, or changed meanwhile'),
  manifests: z.array(z.string()).describe('new generations, below the drive'),
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
  renamed: z.boolean().describe('its own name is taken by another file of this card: it got a suffix'),
});
export type PreviewFile = z.infer<typeof PreviewFile>;

export const PreviewResult = z.object({ files: count, renamed: count, ignored: count, unreadable: count });
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

/** A verification that runs. */
export const VerificationStatus = VerifyProgress.omit({ drive: true, continued: true }).extend({
  target: z.string().describe('label of the drive that is read, id of the backup, or path of the folder'),
  drives: z.array(z.string()).describe('ids of the drives that it has for itself'),
  startedAt: time,
});
export type VerificationStatus = z.infer<typeof VerificationStatus>;

export const Status = z.object({
  ...lights,
  drives: z.array(DriveStatus),
  cards: z.array(CardStatus),
  backups: z.array(BackupStatus).describe('running ones, then the last 10'),
  verifications: z.array(VerificationStatus).describe('running ones'),
  problems: z.array(Problem),
  health: Health.nullable(),
});
export type Status = z.infer<typeof Status>;

/** What `backup` prints for each card. */
export const BackupStarted = z.object({ id: z.string(), card: z.string() });
export type BackupStarted = z.infer<typeof BackupStarted>;

/** A refused request (RFC 9457, `application/problem+json`), with what the command line needs to end as documented. */
export const ProblemDetails = z.object({
  type: z.string().describe('urn:imagetank:problem:<code>'),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  hint: z.string(),
  exitCode: z.number().int(),
});
export type ProblemDetails = z.infer<typeof ProblemDetails>;

/** An error with `--json`, on standard error. */
export const ErrorShape = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
});
export type ErrorShape = z.infer<typeof ErrorShape>;
