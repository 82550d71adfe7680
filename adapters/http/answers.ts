/** Shapes of answers that only HTTP gives. */
import * as z from 'zod';
import { DEVICE_ROLES } from '../../machines/facts.ts';
import { BackupStatus, HistoryLine, Status } from '../../services/shapes.ts';
import { PreviewFile, PreviewResult, WorkProgress } from '../../services/work-shapes.ts';

export const Done = z.object({ ok: z.literal(true) }).meta({ id: 'Done' });

/** Long work: lines of progress, then one with the result. */
export const work = <Progress extends z.ZodType, Result extends z.ZodType>(
  progress: Progress,
  result: Result,
) => z.union([z.object({ progress }), z.object({ result })]);

export const Following = work(BackupStatus, HistoryLine);

export const PreviewLine = z.union([
  z.object({ file: PreviewFile }),
  z.object({ progress: WorkProgress.pick({ filesDone: true, filesTotal: true }) }),
  z.object({ result: PreviewResult }),
]);

/** One record of the journal, byte for byte as it is stored. */
export const JournalLine = z
  .looseObject({
    v: z.number().int().describe('version of the facts'),
    seq: z.number().int(),
    stream: z.string().describe('appliance, or backup/ID'),
    at: z.string(),
    prev: z.string().describe('SHA-256 of the bytes of the record before'),
    type: z.string(),
    data: z.looseObject({}),
  })
  .meta({ id: 'JournalLine' });

export const Inserted = z.object({ id: z.string() });
export const DrivenIn = z.object({ id: z.string().nullable(), adopted: z.boolean() });

/** OpenAPI describes all others; itself it does not. */
export const Described = z.looseObject({ openapi: z.string() });

export const Alive = z.object({
  status: z.literal('ok'),
  version: z.string().optional().describe('not for strangers'),
});

export const BackupPage = z
  .object({
    backups: z.array(HistoryLine).describe('newest first'),
    next: z.string().nullable().describe('give it as after; null at the end'),
  })
  .meta({ id: 'BackupPage' });

export const Me = z.object({
  kind: z.enum(['box', 'device']).describe('box: over the unix socket'),
  id: z.string().nullable().describe('of the device, as in the list of devices; null on the box'),
  name: z.string(),
  role: z.enum(DEVICE_ROLES),
});

export const BoardAnswer = Status.pick({ signal: true, code: true, leds: true }).extend({
  kind: z.string().describe('sim, none, leds or gpio'),
  simulated: z.boolean(),
  button: z.object({ canPress: z.boolean().describe('by /sim/press') }),
});
