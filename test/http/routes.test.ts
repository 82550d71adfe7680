import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { PLAIN_CHECK, PLAIN_VERIFY } from '../../services/appliance.ts';
import { UserError } from '../../services/errors.ts';
import {
  BackupStarted,
  BackupStatus,
  CardStatus,
  DriveStatus,
  HistoryLine,
  LightLine,
  Status,
} from '../../services/shapes.ts';
import { CheckResult, VerifyProgress, VerifyResult, WorkProgress } from '../../services/work-shapes.ts';
import {
  COPYING,
  DRIVE,
  HISTORY_LINE,
  INTACT,
  JOURNAL_LINE,
  LIGHT,
  SAFE,
  STATUS,
  VERIFYING,
} from '../cli/scripted-appliance.ts';
import { lineReader, parse, parseLines, parseProblem } from './kit.ts';
import { appliance, desk, serveEachTest } from './served.ts';

serveEachTest();

const following = z.union([
  z.strictObject({ progress: BackupStatus }),
  z.strictObject({ result: HistoryLine }),
]);
const working = <Result extends z.ZodType>(result: Result) =>
  z.union([z.strictObject({ progress: WorkProgress }), z.strictObject({ result })]);

describe('what is asked for', () => {
  test('GET history tells the last 1,000 unless asked for others', async () => {
    const asked: unknown[] = [];
    appliance.history = (range) => {
      asked.push(range);
      return [];
    };
    for (const query of ['', '?last=5', '?last=1000000']) await desk.get(`history${query}`);
    expect(asked).toEqual([{ last: 1000 }, { last: 5 }, { last: 1_000_000 }]);
  });

  test('GET status, cards, drives, healthz', async () => {
    expect(parse(Status, await desk.get('status'))).toEqual(STATUS);
    expect(parse(z.array(CardStatus), await desk.get('cards'))).toEqual(STATUS.cards);
    expect(parse(z.array(DriveStatus), await desk.get('drives'))).toEqual(STATUS.drives);
    expect(JSON.parse((await desk.ask('/healthz')).text)).toEqual({ status: 'ok', version: '1.2.3' });
  });

  test('GET history: all, the last ones, none', async () => {
    const older = { ...HISTORY_LINE, id: '20261120-3' };
    appliance.historyLines = [older, HISTORY_LINE];
    expect(parseLines(HistoryLine, await desk.get('history'))).toEqual([older, HISTORY_LINE]);
    expect(parseLines(HistoryLine, await desk.get('history?last=1'))).toEqual([HISTORY_LINE]);
    appliance.historyLines = [];
    expect(parseLines(HistoryLine, await desk.get('history'))).toEqual([]);
  });

  test('GET events: the light of this moment, then each change', async () => {
    const next = lineReader(await desk.open('/api/v1/events'));
    expect(LightLine.parse(JSON.parse((await next()) ?? ''))).toEqual(LIGHT);
    appliance.lights.next(COPYING);
    expect(LightLine.parse(JSON.parse((await next()) ?? ''))).toEqual(COPYING);
    appliance.lights.complete();
    expect(await next()).toBeNull();
  });

  test('GET history as server-sent events, where the client asks for them', async () => {
    const headers = { accept: 'text/event-stream' };
    const { type, text } = await desk.ask('/api/v1/history', { headers });
    expect({ type, text }).toEqual({
      type: 'text/event-stream',
      text: `data: ${JSON.stringify(HISTORY_LINE)}\n\n`,
    });
  });

  test('GET backups/ID/events: progress, then the history line', async () => {
    const lines = parseLines(following, await desk.get('backups/20261121-57/events'));
    expect(lines).toMatchObject([{ progress: { id: '20261121-57' } }, { result: HISTORY_LINE }]);
    expect(appliance.asked).toEqual([['follow', '20261121-57']]);
  });

  test('POST library/preview: the files, then the result; of the only card where none is named', async () => {
    const lines = parseLines(z.looseObject({}), await desk.post('library/preview', {}));
    expect(lines.map((line) => Object.keys(line)[0])).toEqual(['file', 'progress', 'file', 'result']);
    await desk.post('library/preview', { card: 'SD', layout: 'custom', template: '{name}.{ext}' });
    expect(appliance.asked).toEqual([
      ['preview', null, {}],
      ['preview', 'SD', { layout: 'custom', template: '{name}.{ext}' }],
    ]);
  });

  test('POST check and verify: progress, then the result', async () => {
    const check = parseLines(working(CheckResult), await desk.post('check', { card: 'SD32GB-03' }));
    expect(check.at(-1)).toEqual({ result: SAFE });
    await desk.post('check', { card: 'SD32GB-03', copies: 2, offsite: true });
    await desk.post('check', { card: 'SD32GB-03', copies: 'all' });
    const verifying = z.union([z.object({ progress: VerifyProgress }), z.object({ result: VerifyResult })]);
    const verify = parseLines(verifying, await desk.post('verify', { target: null }));
    expect(verify).toEqual([{ progress: VERIFYING }, { result: INTACT }]);
    await desk.post('verify', {});
    const options = { full: true, restart: true, rateBytesPerSecond: 20e6 };
    await desk.post('verify', { target: 'D', ...options });
    expect(appliance.asked).toEqual([
      ['check', 'SD32GB-03', PLAIN_CHECK],
      ['check', 'SD32GB-03', { copies: 2, offsite: true }],
      ['check', 'SD32GB-03', { copies: 'all', offsite: false }],
      ['verify', null, PLAIN_VERIFY],
      ['verify', null, PLAIN_VERIFY],
      ['verify', 'D', options],
    ]);
  });
});

describe('GET journal', () => {
  const lines = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => `${JOURNAL_LINE(from + index)}\n`).join('');

  test.each([
    ['', 1, 25],
    ['?after=20', 21, 25],
    ['?last=3', 23, 25],
    ['?last=3&after=10', 23, 25],
    ['?last=10&after=24', 25, 25],
    ['?last=100', 1, 25],
  ])('%s gives the stored bytes of %d to %d', async (query, from, to) => {
    expect((await desk.get(`journal${query}`)).text).toBe(lines(from, to));
  });

  test('goes through many pages, and each record comes once', async () => {
    appliance.heads.next(700);
    expect((await desk.get('journal')).text).toBe(lines(1, 700));
  });

  test('follow=true goes on with what comes', async () => {
    const next = lineReader(await desk.open('/api/v1/journal?last=1&follow=true'));
    expect(await next()).toBe(JOURNAL_LINE(25));
    appliance.heads.next(27);
    expect([await next(), await next()]).toEqual([JOURNAL_LINE(26), JOURNAL_LINE(27)]);
  });
});

describe('what is ordered reaches the appliance as it was said', () => {
  test('POST backups answers 202 with the ids', async () => {
    const answer = await desk.post('backups', { card: '/card', to: 'DRIVE', fit: true, wait: true });
    expect(answer.status).toBe(202);
    expect(parse(z.array(BackupStarted), answer)).toEqual(appliance.started);
    await desk.post('backups', {});
    const order = { card: '/card', to: 'DRIVE', fit: true, wait: true };
    expect(appliance.asked).toEqual([
      ['backup', '/card', order],
      ['backup', null, { card: null, to: null, fit: false, wait: false }],
    ]);
  });

  test('POST drives/adopt, forget, eject answer with the drive as it is then', async () => {
    expect(parse(DriveStatus, await desk.post('drives/adopt', { target: 'X', force: true }))).toEqual(DRIVE);
    expect(parse(DriveStatus, await desk.post('drives/adopt', { target: 'X' })).adopted).toBe(true);
    expect(parse(DriveStatus, await desk.post('drives/forget', { target: 'X' })).adopted).toBe(false);
    expect(parse(DriveStatus, await desk.post('drives/eject', { target: 'X' })).mounted).toBe(false);
    expect(appliance.asked).toEqual([
      ['adopt', 'X', true],
      ['adopt', 'X', false],
      ['forget', 'X'],
      ['eject', 'X'],
    ]);
  });

  const OK = z.strictObject({ ok: z.literal(true) });
  test.each<[path: string, body: unknown, asked: readonly unknown[]]>([
    ['ack', {}, ['acknowledge']],
    ['power', { action: 'poweroff', confirm: true }, ['power', 'poweroff']],
    ['power', { action: 'reboot', confirm: true }, ['power', 'reboot']],
    ['sim/remove', { dir: '/card' }, ['remove', '/card']],
    ['sim/remove', {}, ['remove', null]],
    ['sim/drive-out', { dir: '/drive' }, ['driveOut', '/drive']],
    ['sim/press', {}, ['press']],
    ['sim/hold', { ms: 2500 }, ['hold', 2500]],
  ])('POST %s %j', async (path, body, asked) => {
    parse(OK, await desk.post(path, body));
    expect(appliance.asked).toEqual([asked]);
  });

  test('POST ack without a body', async () => {
    expect((await desk.ask('/api/v1/ack', { method: 'POST' })).status).toBe(200);
  });

  test('POST sim/insert and sim/drive-in say what it is now', async () => {
    const id = z.strictObject({ id: z.string() });
    expect(parse(id, await desk.post('sim/insert', { dir: '/card', label: 'SD' }))).toEqual({ id: '/card' });
    const drive = z.strictObject({ id: z.string().nullable(), adopted: z.boolean() });
    expect(parse(drive, await desk.post('sim/drive-in', { dir: '/drive' })).adopted).toBe(false);
    expect(appliance.asked).toEqual([
      ['insert', '/card', 'SD'],
      ['driveIn', '/drive'],
    ]);
  });
});

test('another board than the simulated one: /sim is 77, everything else answers', async () => {
  appliance.refusal = new UserError('not-simulated', 77, 'the board is not simulated', 'run --board sim');
  for (const [path, body] of [
    ['insert', { dir: '/card' }],
    ['remove', {}],
    ['drive-in', { dir: '/d' }],
    ['drive-out', { dir: '/d' }],
    ['press', {}],
    ['hold', { ms: 100 }],
  ] as const) {
    const answer = await desk.post(`sim/${path}`, body);
    expect(parseProblem(answer)).toMatchObject({ status: 403, exitCode: 77, code: 'not-simulated' });
  }
  expect((await desk.get('status')).status).toBe(200);
});
