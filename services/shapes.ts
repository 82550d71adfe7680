/** JSON shapes of `contract.md` section 2: one zod schema each, from which types, validation and documentation come. */
import * as z from 'zod';
import { LED_SIGNALS } from '../machines/signals.ts';
import { bytes, count, time } from './shape-words.ts';
import { VerifyProgress } from './work-shapes.ts';

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
  /** Sequence number of the record that told of it: another one when it was out meanwhile. */
  insertion: z.int(),
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

/** Of `status`, beside reasons and checks of the machine. */
export const NOTE_CODES = ['card-writable', 'low-space', 'note', 'inbox', 'settings', 'network'] as const;
export type NoteCode = (typeof NOTE_CODES)[number];

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
      label: z.string().describe('of a drive that is not known any more, its id'),
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

/** A verification that runs. */
export const VerificationStatus = VerifyProgress.omit({ drive: true, continued: true }).extend({
  target: z.string().describe('label of the drive that is read, id of the backup, or path of the folder'),
  drives: z.array(z.string()).describe('ids of the drives that it has for itself'),
  startedAt: time,
});
export type VerificationStatus = z.infer<typeof VerificationStatus>;

/** Where a browser on the network opens the page. */
const Address = z.object({
  urls: z.array(z.string()).describe('best first'),
  fingerprint: z.string().nullable().describe('SHA-256 of the certificate; null without TLS'),
});

export const Status = z.object({
  ...lights,
  drives: z.array(DriveStatus),
  cards: z.array(CardStatus),
  backups: z.array(BackupStatus).describe('running ones, then the last 10'),
  verifications: z.array(VerificationStatus).describe('running ones'),
  problems: z.array(Problem),
  health: Health.nullable(),
  address: Address.nullable().describe('null: nothing listens on the network'),
  ending: z
    .enum(['poweroff', 'reboot', 'stop'])
    .nullable()
    .describe('what was asked for: stop ends the program alone, and the box may stay on; null: it stays'),
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
  requestId: z.string().optional().describe('of an internal failure: under this number the log tells more'),
});
export type ProblemDetails = z.infer<typeof ProblemDetails>;

/** An error with `--json`, on standard error. */
export const ErrorShape = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
});
export type ErrorShape = z.infer<typeof ErrorShape>;
