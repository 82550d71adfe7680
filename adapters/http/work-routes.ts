import * as z from 'zod';
import type { Appliance } from '../../services/appliance.ts';
import { BackupStarted, BackupStatus } from '../../services/shapes.ts';
import {
  CheckResult,
  IndexResult,
  VerifyProgress,
  VerifyResult,
  WorkProgress,
} from '../../services/work-shapes.ts';
import { BackupPage, Following, PreviewLine, work } from './answers.ts';
import type { Api } from './api.ts';
import {
  BackupBody,
  BackupParams,
  BackupsQuery,
  CheckBody,
  IndexBody,
  PreviewBody,
  VerifyBody,
} from './bodies.ts';
import type { SendLines } from './lines.ts';
import type { RefusePath } from './named.ts';
import { queueOf } from './queue.ts';

type Working = Pick<
  Appliance,
  'backup' | 'backupStatus' | 'history' | 'follow' | 'check' | 'preview' | 'verify' | 'index'
>;

/** Backups a page, where the client does not say how many. */
const PAGE = 50;

/** Backups, and what reads cards and drives again. */
export function addWorkRoutes(api: Api, appliance: Working, send: SendLines, named: RefusePath): void {
  addBackupRoutes(api.about('backups'), appliance, send, named);
  addReadingRoutes(api.about('reading'), appliance, send, named);
}

function addBackupRoutes(api: Api, appliance: Working, send: SendLines, named: RefusePath): void {
  const start = {
    summary: 'Start a backup of a card, or of every attached one',
    description: 'Answers at once; of a card that is being backed up, that backup’s id.',
    body: BackupBody,
    answer: { status: 202, json: z.array(BackupStarted) },
  };
  api.post('/backups', start, async ({ body, request }) => {
    await named(request, body.card, body.to);
    return appliance.backup(body);
  });
  const list = { summary: 'Backups, page by page', query: BackupsQuery, answer: { json: BackupPage } };
  api.get('/backups', list, ({ query: { after, limit = PAGE } }) => {
    // One more than asked for tells whether there is another page.
    const lines = appliance.history({ last: limit + 1, ...(after === undefined ? {} : { before: after }) });
    const backups = lines.toReversed().slice(0, limit);
    return { backups, next: lines.length > limit ? (backups.at(-1)?.id ?? null) : null };
  });
  const one = { summary: 'One backup, running or ended', params: BackupParams };
  api.get('/backups/:id', { ...one, answer: { json: BackupStatus } }, ({ params }) =>
    appliance.backupStatus(params.id),
  );
  const follow = { summary: 'Progress of a backup, then its line of the history', params: BackupParams };
  api.get('/backups/:id/events', { ...follow, answer: { lines: Following } }, (asked) =>
    send(asked, () =>
      queueOf(appliance.follow(asked.params.id), {
        replaces: (waiting, next) => 'progress' in waiting && 'progress' in next,
      }),
    ),
  );
}

/** POST: a check that says no takes green away, verify takes marks away, and all keep a disk busy. */
function addReadingRoutes(api: Api, appliance: Working, send: SendLines, named: RefusePath): void {
  const check = { summary: 'Safe to format? Reads every byte of a card', body: CheckBody };
  api.post('/check', { ...check, answer: { lines: work(WorkProgress, CheckResult) } }, async (asked) => {
    const { card, ...options } = asked.body;
    await named(asked.request, card);
    return send(asked, () => appliance.check(card, options));
  });
  const preview = { summary: 'Where the files of a card would go', body: PreviewBody };
  api.post('/library/preview', { ...preview, answer: { lines: PreviewLine } }, async (asked) => {
    const { card, ...style } = asked.body;
    await named(asked.request, card);
    return send(asked, () => appliance.preview(card, style));
  });
  const verify = { summary: 'Read a backup, drive or folder again', body: VerifyBody };
  api.post('/verify', { ...verify, answer: { lines: work(VerifyProgress, VerifyResult) } }, async (asked) => {
    const { target, ...options } = asked.body;
    await named(asked.request, target);
    return send(asked, () => appliance.verify(target, options));
  });
  const index = { summary: 'Take in photos that lie on a drive already', body: IndexBody };
  api.post(
    '/library/index',
    { ...index, answer: { lines: work(VerifyProgress, IndexResult) } },
    async (asked) => {
      const { dir, ...options } = asked.body;
      await named(asked.request, dir);
      return send(asked, () => appliance.index(dir, options));
    },
  );
}
