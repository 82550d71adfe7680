import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { driveRow } from '../../adapters/terminal/render.ts';
import { PLAIN_CHECK, PLAIN_VERIFY } from '../../services/appliance.ts';
import {
  BackupStarted,
  BackupStatus,
  DriveStatus,
  HistoryLine,
  LightLine,
  Status,
} from '../../services/shapes.ts';
import { CheckResult, PreviewFile, PreviewResult, VerifyResult } from '../../services/work-shapes.ts';
import { DRIVE, HISTORY_LINE, LIGHT, STATUS } from './scripted-appliance.ts';
import { appliance, box, cli, run, serveAgain, serveEachTest } from './served.ts';

serveEachTest();

/** Lines of JSON, each as its shape says; nothing on standard error. */
async function json<Schema extends z.ZodType>(shape: Schema, ...args: readonly string[]) {
  const { code, stdout, stderr } = await run(...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.split('\n').slice(0, -1);
  return lines.map((line): z.infer<Schema> => shape.parse(JSON.parse(line)));
}

const OK = z.strictObject({ ok: z.literal(true) });

describe('commands that ask', () => {
  test('status', async () => {
    expect(await json(Status, 'status')).toEqual([STATUS]);
    const { stdout } = await run('status');
    for (const text of [
      'State   copying, signal copying',
      '● amber pulse 400/400',
      '○ green off',
      'SD32GB-03  not backed up',
      'PDRIVE128GB  adopted  64.5 GB free of 128.0 GB',
      'copying  [########............] 40 %  12 of 40 files  1.2 GB of 3.0 GB  80.1 MB/s  3 min 05 s left',
      'drive-full  code 3  since 2026-11-21 13:00  The card does not fit.',
      '20261120-3  SD32GB-03  done  2026-11-20 09:00 → 2026-11-20 09:10  40 files  3.0 GB',
    ]) {
      expect(stdout).toContain(text);
    }
  });

  test('history', async () => {
    expect(await json(HistoryLine, 'history')).toEqual([HISTORY_LINE]);
    expect((await run('history')).stdout).toBe(
      '20261121-57  2026-11-21 14:00 → 2026-11-21 14:05  SD32GB-03  done  from medium  40 files  3.0 GB  38 copied  1 duplicate  1 failed\n',
    );
    appliance.historyLines = [];
    expect(await run('history')).toEqual({ code: 0, stdout: '', stderr: 'no backup yet\n' });
    expect(await json(HistoryLine, 'history')).toEqual([]);
  });

  test('drive list', async () => {
    expect(await json(z.array(DriveStatus), 'drive', 'list')).toEqual([STATUS.drives]);
    expect((await run('drive', 'list')).stdout).toBe(
      'PDRIVE128GB  adopted  64.5 GB free of 128.0 GB  3A4F-1B2C  /media/pi/PDRIVE128GB\n',
    );
    expect(driveRow({ ...DRIVE, sizeBytes: null, freeBytes: 10_900_000 })[2]).toBe('10.9 MB free');
    expect(driveRow({ ...DRIVE, sizeBytes: null, freeBytes: null })[2]).toBe('free space not known');
    const trouble = '/media/pi/.imagetank/drive.json is damaged';
    appliance.statusAnswer = { ...STATUS, drives: STATUS.drives.map((drive) => ({ ...drive, trouble })) };
    expect((await run('drive', 'list')).stdout).toMatch(
      /PDRIVE128GB +\/media\/pi\/.imagetank\/drive.json is damaged\n$/,
    );
    expect((await run('status')).stdout).toContain(trouble);
    appliance.statusAnswer = { ...STATUS, drives: [] };
    expect(await run('drive', 'list')).toEqual({ code: 0, stdout: '', stderr: 'no drive is attached\n' });
  });

  test('library preview', async () => {
    const args = ['library', 'preview', 'SD32GB-03', '--template', '{name}.{ext}'];
    const message = z.union([PreviewFile.strict(), z.strictObject({ result: PreviewResult })]);
    expect(await json(message, ...args)).toHaveLength(3);
    expect(await run(...args)).toMatchObject({
      code: 0,
      stdout: [
        `${'DCIM/a\\u001b.JPG'.padEnd(36)}  Photos/a%1B.JPG`,
        `${'DCIM/b.JPG'.padEnd(36)}  Photos/a%1B_2.JPG  (name taken)`,
        '2 files on an empty drive (none attached), nothing was written; 1 with a suffix, because the name is taken; 3 ignored; 4 cannot be read',
        '',
      ].join('\n'),
      stderr: '1 of 2 files\n',
    });
    await run('library', 'preview', '--layout', 'numbered');
    expect(appliance.asked.slice(-2)).toEqual([
      ['preview', 'SD32GB-03', { template: '{name}.{ext}' }],
      ['preview', null, { layout: 'numbered' }],
    ]);
    appliance.previewDrives = [
      { drive: 'TANK', driveId: 'tank', fits: true, files: 2, there: 1, renamed: 1 },
      { drive: 'SMALL', driveId: 'small', fits: false },
    ];
    expect(await json(message, ...args)).toHaveLength(3);
    expect((await run(...args)).stdout).toBe(
      [
        `${'DCIM/a\\u001b.JPG'.padEnd(36)}  TANK/Photos/a%1B.JPG  (already there)`,
        `${'DCIM/b.JPG'.padEnd(36)}  TANK/Photos/a%1B_2.JPG  (name taken)`,
        '2 files, nothing was written; already there: 1 on TANK; no room on SMALL: nothing would be copied to it; 1 with a suffix, because the name is taken; 3 ignored; 4 cannot be read',
        '',
      ].join('\n'),
    );
    appliance.failInTheMiddle = true;
    expect((await run('library', 'preview')).code).toBe(74);
  });

  test('check', async () => {
    expect(await json(CheckResult, 'check', 'SD32GB-03')).toEqual([appliance.checkResult]);
    expect((await run('check', 'SD32GB-03')).stdout).toBe(
      'SAFE to format: 40 files, each verified on 1 drive (PDRIVE128GB)\n',
    );
    appliance.checkResult = {
      ...appliance.checkResult,
      notFiles: [
        { path: 'DCIM/link.JPG', what: 'link' },
        { path: 'pipe', what: 'fifo' },
      ],
    };
    expect((await run('check', 'SD32GB-03')).stdout).toBe(
      [
        'SAFE to format: 40 files, each verified on 1 drive (PDRIVE128GB)',
        'not copied       DCIM/link.JPG (symbolic link)',
        'not copied       pipe (named pipe)\n',
      ].join('\n'),
    );
    expect(await json(CheckResult, 'check', 'SD32GB-03')).toEqual([appliance.checkResult]);
  });

  test('check asks for so many drives, for off-site copies, and refuses what is no number', async () => {
    await run('check', 'SD', '--copies', '2', '--offsite');
    await run('check', 'SD', '--copies=all', '--all');
    for (const word of ['0', '-1', '1.5', 'two', '', '1234567']) {
      const { code, stderr } = await run('check', 'SD', `--copies=${word}`);
      expect({ word, code }).toEqual({ word, code: 64 });
      expect(stderr).toMatch(/^imagetank: .*\n$/);
    }
    expect(appliance.asked).toEqual([
      ['check', 'SD', { copies: 2, offsite: true }],
      ['check', 'SD', { copies: 'all', offsite: false }],
    ]);
  });

  test('verify', async () => {
    expect(await json(VerifyResult, 'verify')).toEqual([appliance.verifyResult]);
    expect((await run('verify', '20261121-57')).stdout).toBe('ok: 40 files as recorded\n');
    expect(appliance.asked).toEqual([
      ['verify', null, PLAIN_VERIFY],
      ['verify', '20261121-57', PLAIN_VERIFY],
    ]);
  });

  test('watch, until the lights are off', async () => {
    const off = { ...LIGHT, signal: 'off', state: 'shutdown' } as const;
    for (const args of [['watch', '--json'], ['watch']]) {
      const started = cli.start(args, { state: box.state });
      await started.printed(args.length > 1 ? '"signal":"ready"' : '● green on');
      appliance.lights.next(off);
      // The daemon closes its streams when it ends.
      await box.stop();
      const { code, stdout } = await started.ended;
      expect(code).toBe(0);
      if (args.length > 1) {
        const lines = stdout.trimEnd().split('\n');
        expect(lines.map((line) => LightLine.parse(JSON.parse(line)))).toEqual([LIGHT, off]);
      } else {
        expect(stdout).toContain(
          '2026-11-21 14:03:22  ready          ○ red off   ○ amber off   ● green on\n',
        );
      }
      await serveAgain();
    }
  });

  test('log tail: the last ten, then new ones', async () => {
    const started = cli.start(['log', 'tail', '--json'], { state: box.state });
    await started.printed('"seq":25');
    appliance.heads.next(26);
    await started.printed('"seq":26');
    started.child.kill('SIGINT');
    const { code, stdout } = await started.ended;
    const seqs = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { seq: number }).seq);
    expect({ code, seqs }).toEqual({ code: 0, seqs: Array.from({ length: 11 }, (_, index) => index + 16) });
    const text = cli.start(['log', 'tail'], { state: box.state });
    await text.printed('    26  2026-11-21 14:03:22  DevicesKnown        {}\n');
    text.child.kill('SIGTERM');
    expect((await text.ended).code).toBe(0);
  });
});

describe('commands that order', () => {
  test('backup prints the id of each', async () => {
    appliance.started = [
      { id: '1', card: 'A' },
      { id: '2', card: 'B' },
    ];
    expect(await run('backup')).toEqual({ code: 0, stdout: '1\n2\n', stderr: '' });
    const ids = await json(BackupStarted.pick({ id: true }).strict(), 'backup', 'A', '--to', 'D', '--fit');
    expect(ids).toEqual([{ id: '1' }, { id: '2' }]);
    expect(appliance.asked).toEqual([
      ['backup', null, { card: null, to: null, fit: false, wait: false }],
      ['backup', 'A', { card: 'A', to: 'D', fit: true, wait: false }],
    ]);
  });

  test('backup --wait: progress, then the history line', async () => {
    const lines = await json(z.union([BackupStatus, HistoryLine]), 'backup', '--wait');
    expect(lines).toHaveLength(2);
    expect(BackupStatus.parse(lines[0]).phase).toBe('copying');
    expect(HistoryLine.parse(lines[1])).toEqual(HISTORY_LINE);
    const { code, stdout, stderr } = await run('backup', '--wait');
    expect({ code, lines: stdout.split('\n') }).toEqual({
      code: 0,
      lines: ['20261121-57', expect.stringMatching(/^20261121-57 .* done {2}from medium {2}40 files/), ''],
    });
    expect(stderr).toContain('SD32GB-03: copying  [########....');
  });

  test('backup --wait leaves no line of a backup that had only been planned', async () => {
    appliance.phase = 'planned';
    expect(await run('backup', '--wait')).toMatchObject({ code: 0, stderr: '' });
    expect(await json(z.union([BackupStatus, HistoryLine]), 'backup', '--wait')).toHaveLength(2);
  });

  test.each([
    ['adopt', 'adopted PDRIVE128GB, /media/pi/PDRIVE128GB\n'],
    ['forget', 'forgot PDRIVE128GB, /media/pi/PDRIVE128GB\n'],
    ['eject', 'may be unplugged: PDRIVE128GB\n'],
  ])('drive %s', async (verb, text) => {
    expect(await json(DriveStatus, 'drive', verb, 'PDRIVE128GB')).toHaveLength(1);
    expect((await run('drive', verb, 'PDRIVE128GB')).stdout).toBe(text);
    expect(appliance.asked[0]).toEqual([verb, 'PDRIVE128GB', ...(verb === 'adopt' ? [false] : [])]);
  });

  test.each<[words: readonly string[], asked: readonly unknown[], text: RegExp]>([
    [['poweroff'], ['power', 'poweroff'], /wait until all lights are off/],
    [['reboot'], ['power', 'reboot'], /restarting/],
    [['ack'], ['acknowledge'], /acknowledged/],
    [['sim', 'remove', '/card'], ['remove', '/card'], /^$/],
    [['sim', 'remove'], ['remove', null], /^$/],
    [['sim', 'drive', 'out', '/d'], ['driveOut', '/d'], /^$/],
    [['sim', 'press'], ['press'], /^$/],
    [['sim', 'hold'], ['hold', 2500], /^$/],
    [['sim', 'hold', '--ms', '100'], ['hold', 100], /^$/],
  ])('%j', async (words, asked, text) => {
    expect(await json(OK, ...words)).toHaveLength(1);
    const { code, stdout } = await run(...words);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(text) });
    expect(appliance.asked).toEqual([asked, asked]);
  });

  test('sim insert and sim drive in say what it is now', async () => {
    expect(await json(z.strictObject({ id: z.string() }), 'sim', 'insert', '/card', '--as', 'SD')).toEqual([
      { id: '/card' },
    ]);
    expect((await run('sim', 'insert', '/card')).stdout).toBe('/card\n');
    const drive = z.strictObject({ id: z.string().nullable(), adopted: z.boolean() });
    expect(await json(drive, 'sim', 'drive', 'in', '/d')).toEqual([{ id: null, adopted: false }]);
    expect((await run('sim', 'drive', 'in', '/d')).stdout).toBe('not adopted\n');
    expect(appliance.asked.slice(0, 2)).toEqual([
      ['insert', '/card', 'SD'],
      ['insert', '/card', null],
    ]);
  });
});

describe('paths', () => {
  test('are resolved where they were typed, labels are not', async () => {
    const cwd = cli.dir;
    await cli.run(['backup', './DCIM', '--to', '../drive'], { state: box.state, cwd });
    await cli.run(['sim', 'insert', 'card'], { state: box.state, cwd });
    await cli.run(['check', '.'], { state: box.state, cwd });
    expect(appliance.asked).toEqual([
      ['backup', `${cwd}/DCIM`, expect.objectContaining({ to: expect.stringMatching(/^\/.*\/drive$/) })],
      ['insert', `${cwd}/card`, null],
      ['check', cwd, PLAIN_CHECK],
    ]);
  });

  test('a word that is no label may be a folder that is here', async () => {
    appliance.unknownWords.add('build').add('nothing');
    expect((await cli.run(['check', 'build'], { state: box.state, cwd: cli.dir })).code).toBe(0);
    expect(appliance.asked).toEqual([
      ['check', 'build', PLAIN_CHECK],
      ['check', `${cli.dir}/build`, PLAIN_CHECK],
    ]);
    expect((await cli.run(['check', 'nothing'], { state: box.state, cwd: cli.dir })).code).toBe(66);
  });

  test('of library preview, too: it is asked of the daemon first, and read here where that does not know it', async () => {
    const preview = () => cli.run(['library', 'preview', 'build'], { state: box.state, cwd: cli.dir });
    appliance.unknownWords.add('build');
    expect((await preview()).stdout).toContain('2 files on an empty drive (none attached), nothing');
    expect(appliance.asked).toEqual([
      ['preview', 'build', {}],
      ['preview', `${cli.dir}/build`, {}],
    ]);
    appliance.unknownWords.add(`${cli.dir}/build`);
    expect((await preview()).stdout).toContain(' on an empty drive (no daemon read it), nothing was written');
  });
});
