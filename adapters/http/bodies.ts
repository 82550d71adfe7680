import * as z from 'zod';
import { DEVICE_ROLES } from '../../machines/facts.ts';
import { MAX_NAME } from '../../services/access/access.ts';
import { CODE } from '../../services/access/ports.ts';
import { MACHINES } from '../../services/diagrams/machines.ts';
import { UserError } from '../../services/errors.ts';
import { MAX_LIVES } from '../../services/library/explain.ts';
import { GROUPINGS, MAX_PAGE } from '../../services/library/ports.ts';
import { CheckOptions } from '../../services/work-shapes.ts';

/** Longest path that Linux takes (PATH_MAX), and more than any label. */
const MAX_TARGET = 4096;
/** Longer than anybody holds a button; the request stays open meanwhile. */
const MAX_HOLD_MS = 60_000;
export const MAX_JOURNAL_TAIL = 10_000;
const MAX_HISTORY = 1_000_000;

/** Bytes of a file's name on Linux (NAME_MAX). */
const MAX_PART = 255;

const target = z.string().min(1).max(MAX_TARGET);
const folder = target.regex(/^\//, 'not an absolute path');

export const BackupBody = z.strictObject({
  card: target.nullable().default(null),
  to: target.nullable().default(null),
  fit: z.boolean().default(false),
  wait: z.boolean().default(false),
});
export const BackupParams = z.strictObject({ id: target });
export const CheckBody = z.strictObject({ card: target, ...CheckOptions.shape });
export const PreviewBody = z.strictObject({
  card: target.nullable().default(null),
  layout: z.string().max(MAX_TARGET).optional(),
  template: z.string().max(MAX_TARGET).optional(),
});
export const VerifyBody = z.strictObject({
  target: target.nullable().default(null),
  full: z.boolean().default(false),
  restart: z.boolean().default(false),
  rateBytesPerSecond: z.number().int().min(1).nullable().default(null),
});
export const IndexBody = z.strictObject({
  dir: folder,
  rateBytesPerSecond: z.number().int().min(1).nullable().default(null),
  dryRun: z.boolean().default(false),
});
export const AdoptBody = z.strictObject({ target, force: z.boolean().default(false) });
export const TargetBody = z.strictObject({ target });
/** `confirm` keeps a stray request from switching the box off. */
export const PowerBody = z.strictObject({ action: z.enum(['poweroff', 'reboot']), confirm: z.literal(true) });
export const InsertBody = z.strictObject({
  dir: folder,
  label: z.string().min(1).max(255).nullable().default(null),
});
export const RemoveBody = z.strictObject({ dir: folder.nullable().default(null) });
export const FolderBody = z.strictObject({ dir: folder });
export const HoldBody = z.strictObject({ ms: z.number().int().min(1).max(MAX_HOLD_MS) });
/** Shown in lists and in logs: one line, without what steers a terminal. */
const deviceName = z
  .string()
  .trim()
  .min(1)
  .max(MAX_NAME)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'it has letters that cannot be shown');
const role = z.enum(DEVICE_ROLES).default('owner');
export const PairBody = z.strictObject({
  /** Null: the button was pressed three times. */
  code: z.string().regex(CODE, 'it is not six digits').nullable().default(null),
  name: deviceName.nullable().default(null),
});
export const InviteBody = z.strictObject({ role, name: deviceName.nullable().default(null) });
export const DeviceParams = z.strictObject({ id: target });
export const TokenBody = z.strictObject({ role, name: deviceName });
export const NoBody = z.union([z.undefined(), z.null(), z.strictObject({})]);

const number = (max: number) => z.coerce.number().int().min(0).max(max);
export const HistoryQuery = z.strictObject({ last: number(MAX_HISTORY).optional() });
export const JournalQuery = z.strictObject({
  last: number(MAX_JOURNAL_TAIL).optional(),
  after: number(Number.MAX_SAFE_INTEGER).optional(),
  follow: z.stringbool().default(false),
});
const word = target.optional();
const page = { after: z.string().max(MAX_TARGET).optional(), limit: number(MAX_PAGE).optional() };
export const BackupsQuery = z.strictObject({
  ...page,
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).optional(),
});
export const DiagramQuery = z.strictObject({ machine: z.enum(MACHINES).default('appliance') });
export const GroupsQuery = z.strictObject(page);
export const GroupsParams = z.strictObject({ by: z.enum(GROUPINGS) });
export const PhotosQuery = z.strictObject({
  day: word,
  camera: word,
  card: word,
  backup: word,
  name: word,
  find: z
    .string()
    .min(1)
    .max(MAX_PART)
    .optional()
    .describe('a part of a file name, in any case; alone or with one more but name'),
  ...page,
});
export const ExplainQuery = z.strictObject({
  name: target,
  card: word,
  day: word,
  limit: number(MAX_LIVES).optional(),
});

/** Throws `UserError` 64 that names the field. */
export function validated<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'the request' : issue.path.join('.');
  const what = issue === undefined ? 'not accepted' : wordsFor(issue);
  throw new UserError('bad-request', 64, `${where}: ${what}`, 'correct it and try again');
}

/** zod's own words are for programmers. */
function wordsFor(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'it is missing' : `no ${issue.expected}`;
    case 'too_small':
      return issue.origin === 'string' ? 'it is empty' : `less than ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `longer than ${issue.maximum} characters`
        : `more than ${issue.maximum}`;
    case 'unrecognized_keys':
      return `unknown: ${issue.keys.join(', ')}`;
    case 'invalid_value':
      return `it is one of ${issue.values.map(String).join(', ')}`;
    case 'custom':
    case 'invalid_format':
      return issue.message;
    default:
      return 'not accepted';
  }
}
