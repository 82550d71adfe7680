import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { PLAIN_VERIFY } from '../../services/appliance.ts';
import { INTACT, VERIFYING } from './scripted-appliance.ts';
import { appliance, box, run, serveAgain, serveEachTest, start } from './served.ts';

serveEachTest();

describe('what is asked', () => {
  test('a rate, a new beginning, the hashes of folders', async () => {
    await run('verify', 'PDRIVE', '--rate', '20MB/s', '--restart', '--full');
    await run('verify', '--rate=1GiB');
    await run('verify');
    expect(appliance.asked).toEqual([
      ['verify', 'PDRIVE', { full: true, restart: true, rateBytesPerSecond: 20e6 }],
      ['verify', null, { ...PLAIN_VERIFY, rateBytesPerSecond: 1024 ** 3 }],
      ['verify', null, PLAIN_VERIFY],
    ]);
  });

  test.each(['fast', '0', '20MB/min'])('not at the rate %j', async (rate) => {
    expect(await run('verify', '--rate', rate)).toEqual({
      code: 64,
      stdout: '',
      stderr: `imagetank: --rate ${rate}: no rate: write it as: --rate 20MB/s\n`,
    });
    expect(appliance.asked).toEqual([]);
  });
});

describe('how far it is', () => {
  test('with rate and time left', async () => {
    expect((await run('verify')).stderr).toBe(
      'PDRIVE128GB: 12 of 40 files  1.2 GB of 3.0 GB  80.1 MB/s  23 s left\n',
    );
  });

  test('of a backup or folder without the name of a drive, and without a rate that nobody knows', async () => {
    appliance.verifyProgress = { ...VERIFYING, drive: null, rateBytesPerSecond: null, secondsLeft: null };
    expect((await run('verify', '20261121-57')).stderr).toBe('12 of 40 files  1.2 GB of 3.0 GB\n');
  });

  test('while a backup goes first', async () => {
    appliance.verifyProgress = { ...VERIFYING, waiting: true, rateBytesPerSecond: null, secondsLeft: null };
    expect((await run('verify')).stderr).toContain('waiting, a backup goes first');
  });

  test('and where it goes on, said once', async () => {
    const continued = { after: 'Photos/a.jpg', files: 12, at: '2026-11-20T10:00:00.000Z' };
    appliance.verifyProgress = { ...VERIFYING, continued };
    appliance.verifyWaits = true;
    const started = start('verify');
    await once(started.child.stderr ?? started.child, 'data');
    appliance.verifyWaits = false;
    const { stderr } = await started.ended;
    const remark =
      'PDRIVE128GB: continuing after Photos/a.jpg (12 files done on 2026-11-20 10:00); from the beginning with --restart\n';
    expect(stderr.split('continuing')).toHaveLength(2);
    expect(stderr.startsWith(remark)).toBe(true);
  });

  test.each(['--quiet', '--json'])('is not said with %s', async (flag) => {
    const continued = { after: 'Photos/a.jpg', files: 12, at: '2026-11-20T10:00:00.000Z' };
    appliance.verifyProgress = { ...VERIFYING, continued };
    const { code, stdout, stderr } = await run('verify', flag);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    if (flag === '--json') expect(JSON.parse(stdout)).toEqual(INTACT);
  });
});

describe('what went bad', () => {
  const bad = { ok: false, files: 40, altered: ['a', 'b'], missing: ['c'], new: [] };

  test('and was copied again is named with its good copy; the answer is still no', async () => {
    appliance.verifyResult = { ...bad, superseded: [{ path: 'a', by: 'a_2' }] };
    const { code, stdout } = await run('verify');
    expect(code).toBe(1);
    expect(stdout.split('\n')).toEqual([
      'NOT ok: 2 altered, 1 missing of 40 files; of 1 a good copy is on the drive under another name',
      'altered   a  (a good copy is beside it: a_2)',
      'altered   b',
      'missing   c',
      '',
    ]);
  });

  test('and was all copied again', async () => {
    const superseded = ['a', 'b', 'c'].map((path) => ({ path, by: `${path}_2` }));
    appliance.verifyResult = { ...bad, superseded };
    const { code, stdout } = await run('verify');
    expect(code).toBe(1);
    expect(stdout).toContain('; of each a good copy is on the drive under another name\n');
  });
});

describe('what was renamed', () => {
  test('is one line, neither missing nor new; the answer is still no', async () => {
    appliance.verifyResult = {
      ok: false,
      files: 40,
      altered: [],
      missing: ['c', 'a/d.jpg'],
      new: ['b/e\u001b.jpg', 'f'],
      renamed: [{ from: 'a/d.jpg', to: 'b/e\u001b.jpg' }],
    };
    const { code, stdout } = await run('verify');
    expect(code).toBe(1);
    expect(stdout.split('\n')).toEqual([
      'NOT ok: 0 altered, 1 missing, 1 renamed of 40 files',
      'missing   c',
      'renamed   a/d.jpg → b/e\\u001b.jpg',
      'new       f',
      '',
    ]);
    const { stdout: json } = await run('verify', '--json');
    expect(JSON.parse(json)).toEqual(appliance.verifyResult);
  });
});

describe('Ctrl-C', () => {
  test('stops it, at the daemon too, and says how to go on', async () => {
    appliance.verifyWaits = true;
    const started = start('verify', 'PDRIVE');
    await once(started.child.stderr ?? started.child, 'data');
    expect(appliance.open).toBe(1);
    started.child.kill('SIGINT');
    const { code, stdout, stderr } = await started.ended;
    expect({ code, stdout }).toEqual({ code: 75, stdout: '' });
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      'imagetank: stopped before the end; what was found altered or missing goes into the journal: a drive goes on where it was with: imagetank verify PDRIVE',
    );
    while (appliance.open > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  test('with --json is an error in JSON', async () => {
    appliance.verifyWaits = true;
    const started = start('verify', '--json');
    while (appliance.open === 0) await new Promise((resolve) => setImmediate(resolve));
    started.child.kill('SIGINT');
    const { code, stderr } = await started.ended;
    expect(code).toBe(75);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'interrupted' } });
  });

  test('is not what happened when the daemon ended: 69', async () => {
    appliance.verifyWaits = true;
    const started = start('verify');
    await once(started.child.stderr ?? started.child, 'data');
    await box.stop();
    expect((await started.ended).code).toBe(69);
    await serveAgain();
  });
});

test('says of a manifest that it was not used, and why', async () => {
  const path = 'images/ascmhl/0001_x.mhl';
  appliance.verifyResult = {
    ...{ ...INTACT, ok: false, altered: [path] },
    manifestProblems: [{ path, detail: 'XML is damaged at \u001b', held: 'nothing' }],
  };
  const { code, stdout } = await run('verify');
  expect([code, stdout.split('\n')[1]]).toEqual([
    1,
    `altered   ${path}  (this manifest was not used, no file was held against it: XML is damaged at \\u001b)`,
  ]);
});

test('of several drives each is named, with what was found on it', async () => {
  const clean = { ok: true, files: 20, altered: [], missing: [], new: [] };
  const bad = { ...clean, ok: false, altered: ['Photos/a.jpg'] };
  appliance.verifyResult = {
    ...bad,
    files: 40,
    drives: [
      { ...clean, id: 'x', label: 'ONE' },
      { ...bad, id: 'y', label: 'TWO\u001b' },
    ],
  };
  const { code, stdout } = await run('verify');
  expect(code).toBe(1);
  expect(stdout.split('\n')).toEqual([
    'ONE: ok: 20 files as recorded',
    expect.stringMatching(/^TWO.+: NOT ok: 1 altered, 0 missing of 20 files$/),
    '  altered   Photos/a.jpg',
    '',
  ]);
});
