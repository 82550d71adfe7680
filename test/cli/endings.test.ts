import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../services/errors.ts';
import { ErrorShape, HistoryLine } from '../../services/shapes.ts';
import { CheckResult } from '../../services/work-shapes.ts';
import { HISTORY_LINE, lost, SAFE } from './scripted-appliance.ts';
import { appliance, box, run, serveAgain, serveEachTest, start } from './served.ts';

serveEachTest();

const ONE_LINE = /^imagetank: [^\n]+: [^\n]+\n$/;

describe('it ran and the answer is no: 1', () => {
  test.each<[what: string, line: Partial<HistoryLine>, words: RegExp]>([
    ['failed', { outcome: 'failed', reason: 'verify-mismatch' }, /verify-mismatch/],
    ['was interrupted', { outcome: 'interrupted', reason: 'card-removed' }, /interrupted/],
    [
      'failed for a reason that is not known here',
      { outcome: 'failed', reason: 'other' },
      /imagetank status/,
    ],
    ['failed without a reason', { outcome: 'failed', reason: null }, /failed/],
    ['was verified from the cache only', { reason: 'verified-from-cache' }, /do not erase the card/],
    ['has not ended', { outcome: null }, /backup/],
  ])('a backup that %s', async (_, line, words) => {
    appliance.outcome = { ...HISTORY_LINE, ...line };
    const { code, stdout, stderr } = await run('backup', '--wait', '--json');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(HistoryLine.parse(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''))).toEqual(
      appliance.outcome,
    );
    const text = await run('backup', '--wait');
    expect(text).toMatchObject({ code: 1, stderr: expect.stringMatching(words) });
  });

  test('one of several backups', async () => {
    appliance.started = [
      { id: 'good', card: 'A' },
      { id: 'bad', card: 'B' },
    ];
    const follow = appliance.follow.bind(appliance);
    appliance.follow = (id) => {
      appliance.outcome = { ...HISTORY_LINE, outcome: id === 'bad' ? 'failed' : 'done' };
      return follow(id);
    };
    const { code, stdout } = await run('backup', '--wait', '--quiet', '--json');
    const outcomes = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as HistoryLine).outcome);
    expect({ code, outcomes }).toEqual({ code: 1, outcomes: ['done', 'failed'] });
  });

  test('a card that is not safe to format, with the list', async () => {
    const missing = [
      lost('DCIM/A.JPG', 'not-on-drive'),
      { ...lost('DCIM/B\ufffd.JPG', 'altered'), pathBase64: 'REPNTS9C/y5KUEc=' },
    ];
    appliance.checkResult = { ...SAFE, safe: false, verified: 38, missing, gaps: ['IMG_0007 to IMG_0009'] };
    const { code, stdout } = await run('check', 'SD', '--json');
    expect(code).toBe(1);
    expect(CheckResult.parse(JSON.parse(stdout))).toEqual(appliance.checkResult);
    expect((await run('check', 'SD')).stdout.split('\n')).toEqual([
      'NOT safe to format: 2 of 40 files not verified on a drive',
      'not-on-drive     DCIM/A.JPG',
      'altered          DCIM/B\ufffd.JPG',
      'never seen       IMG_0007 to IMG_0009',
      '',
    ]);
  });

  test('a drive with altered photos; new ones alone are no fault', async () => {
    appliance.verifyResult = { ok: false, files: 40, altered: ['a'], missing: ['b'], new: ['c'] };
    const { code, stdout } = await run('verify');
    expect(code).toBe(1);
    expect(stdout).toBe('NOT ok: 1 altered, 1 missing of 40 files\naltered   a\nmissing   b\nnew       c\n');
    appliance.verifyResult = { ok: true, files: 40, altered: [], missing: [], new: ['c'] };
    expect(await run('verify')).toMatchObject({ code: 0, stdout: 'ok: 40 files as recorded\nnew       c\n' });
  });
});

describe('an error is one line', () => {
  test.each([
    64, 65, 66, 73, 74, 75, 77, 78,
  ] as const)('with the exit code of the daemon: %d', async (exitCode) => {
    appliance.refusal = new UserError('some-code' as never, exitCode, 'what, where', 'what to do');
    for (const words of [['backup'], ['check', 'X'], ['history'], ['drive', 'list'], ['backup', '--wait']]) {
      expect(await run(...words)).toEqual({
        code: exitCode,
        stdout: '',
        stderr: 'imagetank: what, where: what to do\n',
      });
    }
    const { stderr } = await run('verify', '--json');
    const error = { code: 'some-code', message: 'what, where', hint: 'what to do' };
    expect(ErrorShape.parse(JSON.parse(stderr))).toEqual({ error });
  });

  test('also in the middle of long work', async () => {
    appliance.failInTheMiddle = true;
    const { code, stdout, stderr } = await run('check', 'SD', '--quiet');
    expect({ code, stdout, stderr }).toMatchObject({
      code: 74,
      stdout: '',
      stderr: expect.stringMatching(ONE_LINE),
    });
  });

  test('when the daemon ends meanwhile: 69', async () => {
    appliance.outcome = null;
    const started = [
      [start('watch', '--json'), '"signal"'],
      [start('backup', '--wait', '--json'), '"phase"'],
      [start('log', 'tail', '--json'), '"seq":25'],
    ] as const;
    await Promise.all(started.map(([one, text]) => one.printed(text)));
    await box.stop();
    for (const [one] of started) {
      const { code, stderr } = await one.ended;
      expect(code).toBe(69);
      expect(ErrorShape.parse(JSON.parse(stderr)).error.code).toBe('daemon-gone');
    }
    await serveAgain();
  });
});

describe('Ctrl-C', () => {
  test('ends watch with 0, and its subscription', async () => {
    const watching = start('watch');
    await watching.printed('ready');
    expect(appliance.open).toBe(1);
    watching.child.kill('SIGINT');
    expect(await watching.ended).toMatchObject({ code: 0, stderr: '' });
    expect(appliance.open).toBe(0);
  });

  test('ends the waiting for a backup, which goes on, and says so', async () => {
    appliance.outcome = null;
    const waiting = start('backup', '--wait');
    await once(waiting.child.stderr ?? waiting.child, 'data');
    waiting.child.kill('SIGINT');
    const { code, stderr } = await waiting.ended;
    expect(code).toBe(75);
    expect(stderr).toContain(
      `no longer waiting, ${HISTORY_LINE.id} goes on: see how far it is: imagetank status`,
    );
    expect(appliance.asked.map((question) => (question as unknown[])[0])).toEqual(['backup', 'follow']);
  });
});
