import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { COPYING, HISTORY_LINE, lost, RUNNING, SAFE, STATUS, VERIFYING } from './scripted-appliance.ts';
import { appliance, box, cli, run, serveEachTest, start } from './served.ts';

serveEachTest();

describe('a reader that goes away', () => {
  /** Like `| head -1`: closes the pipe after the first line. */
  async function head(...args: readonly string[]) {
    const started = start(...args);
    await started.printed('\n');
    started.child.stdout?.destroy();
    return started;
  }

  test('of watch ends it with 0', async () => {
    const watching = await head('watch', '--json');
    appliance.lights.next(COPYING);
    expect(await watching.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('of a long history is no error', async () => {
    appliance.historyLines = Array.from({ length: 20_000 }, () => HISTORY_LINE);
    expect(await (await head('history', '--json')).ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('does not make a failed check a good one', async () => {
    const missing = Array.from({ length: 20_000 }, (_, index) => lost(`${index}`, 'altered'));
    appliance.checkResult = { ...SAFE, safe: false, missing };
    expect(await (await head('check', 'SD', '--quiet', '--all')).ended).toMatchObject({
      code: 1,
      stderr: '',
    });
  });

  test.each([
    '--help',
    '--version',
    'backup --help',
    'status',
    'config show',
  ])('before anything was printed: %s', async (words) => {
    const started = start(...words.split(' '));
    started.child.stdout?.destroy();
    expect(await started.ended).toMatchObject({ code: 0, stderr: '' });
  });
});

describe.skipIf(!existsSync('/dev/full'))('an answer that cannot be written is 74, said once', () => {
  test.each(['history --json', 'check SD', 'status', '--help'])('%s', async (words) => {
    appliance.historyLines = Array.from({ length: 5000 }, () => HISTORY_LINE);
    appliance.checkResult = { ...SAFE, safe: false };
    const env = { ...process.env, IMAGETANK_STATE: box.state };
    const script = ['-c', 'exec "$0" "$@" > /dev/full', process.execPath, cli.entry, ...words.split(' ')];
    const child = spawn('sh', script, { env });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code, stderr).toBe(74);
    expect(stderr.match(/ENOSPC/g)).toHaveLength(1);
  });
});

describe('names that a card supplied cannot command a terminal', () => {
  const EVIL = 'A\u001b[2J\n\u202eGPJ\u0085\u2028\u007f.JPG';
  const SHOWN = 'A\\u001b[2J\\u000a\\u202eGPJ\\u0085\\u2028\\u007f.JPG';
  const DANGEROUS = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u;

  beforeEach(() => {
    const [card = STATUS.cards[0]] = STATUS.cards;
    appliance.statusAnswer = {
      ...STATUS,
      drives: STATUS.drives.map((drive) => ({
        ...drive,
        label: EVIL,
        path: EVIL,
        uuid: EVIL,
        trouble: EVIL,
      })),
      cards: card === undefined ? [] : [{ ...card, label: EVIL, path: EVIL }],
      backups: [{ ...RUNNING, card: EVIL }],
      problems: STATUS.problems.map((problem) => ({ ...problem, message: EVIL })),
    };
    appliance.historyLines = [{ ...HISTORY_LINE, card: EVIL }];
    appliance.outcome = { ...HISTORY_LINE, card: EVIL };
    appliance.checkResult = {
      ...SAFE,
      missing: [{ ...lost(EVIL, 'too-few-copies'), copies: 1, drives: [EVIL] }],
      drives: [{ id: 'd', label: EVIL, state: 'unusable', files: 1 }],
      ignored: [EVIL],
      gaps: [EVIL],
      notFiles: [{ path: EVIL, what: 'link' }],
    };
    const superseded = [{ path: EVIL, by: EVIL }];
    appliance.verifyResult = {
      ok: true,
      files: 1,
      altered: [EVIL],
      missing: [EVIL],
      new: [EVIL],
      superseded,
    };
    const continued = { after: EVIL, files: 1, at: '2026-11-21T10:00:00.000Z' };
    appliance.verifyProgress = { ...VERIFYING, drive: EVIL, continued };
    appliance.unknownWords.add(EVIL);
  });

  test.each<[args: readonly string[]]>([
    [['status']],
    [['history']],
    [['drive', 'list']],
    [['check', 'SD']],
    [['verify']],
    [['backup', '--wait']],
    [['check', EVIL]],
    [['sim', 'insert', `/${EVIL}`]],
  ])('%j', async (args) => {
    const [text, json] = await Promise.all([run(...args), run(...args, '--json')]);
    expect(text.stdout + text.stderr).toContain(SHOWN);
    for (const { stdout, stderr } of [text, json]) {
      // Lines and progress end in a newline of our own.
      expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(DANGEROUS);
    }
    for (const line of (json.stdout + json.stderr).trimEnd().split('\n')) {
      expect(() => JSON.parse(line) as unknown).not.toThrow();
    }
  });
});

describe('status tells where the page is', () => {
  const urls = ['https://192.168.1.7:8443', 'https://imagetank.local:8443'];

  test('with the certificate, and no QR code where nobody looks', async () => {
    appliance.statusAnswer = { ...STATUS, address: { urls, fingerprint: 'AB:CD' } };
    const { stdout } = await run('status');
    expect(stdout).toMatch(
      /\nPage\n {2}https:\/\/192\.168\.1\.7:8443\n {2}https:\/\/imagetank\.local:8443\n {2}certificate AB:CD \(SHA-256\)\n$/,
    );
    expect(JSON.parse((await run('status', '--json')).stdout)).toMatchObject({ address: { urls } });
  });

  test('not where there is none', async () => {
    expect((await run('status')).stdout).not.toContain('Page');
  });
});
