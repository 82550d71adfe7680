import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../adapters/systemd/run.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'imagetank-run-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sh = (script: string, deadlineMs = 30_000, env?: NodeJS.ProcessEnv) =>
  run('/bin/sh', ['-c', script], { deadlineMs, ...(env === undefined ? {} : { env }) });

test('gives both streams, and whether it went well', async () => {
  expect(await sh('echo one; echo two >&2')).toEqual({ ok: true, text: expect.stringContaining('one') });
  expect(await sh('echo no >&2; exit 3')).toEqual({ ok: false, text: 'no' });
  expect(await sh('exit 3')).toEqual({ ok: false, text: 'ended with 3' });
  expect(await sh('kill -9 $$')).toEqual({ ok: false, text: 'ended with SIGKILL' });
  expect(await sh(':')).toEqual({ ok: true, text: '' });
});

test('a program that is not there is an answer too', async () => {
  expect(await run(join(folder, 'none'), [], { deadlineMs: 1000 })).toEqual({
    ok: false,
    text: expect.stringContaining('ENOENT'),
  });
});

test('arguments are no shell', async () => {
  const { text } = await run('/bin/echo', ['$HOME; ls', '*'], { deadlineMs: 30_000 });
  expect(text).toBe('$HOME; ls *');
});

test('it sees the given environment only', async () => {
  expect((await sh('env', 30_000, { ONLY: 'this' })).text).toMatch(/ONLY=this/);
  expect((await sh('echo "[$HOME]"', 30_000, {})).text).toBe('[]');
});

test('a talker is cut off', async () => {
  const { text } = await sh('yes | head -c 200000');
  expect(text.length).toBeLessThanOrEqual(16 * 1024);
});

test('at the deadline it is asked to end, and may tidy up', async () => {
  const note = join(folder, 'note');
  const { ok, text } = await sh(`trap 'echo tidy > ${note}; exit 0' TERM; while :; do sleep 0.01; done`, 300);
  expect(readFileSync(note, 'utf8')).toBe('tidy\n');
  expect({ ok, text }).toEqual({ ok: true, text: 'took too long' });
});

test('one that does not listen is killed', async () => {
  const { ok, text } = await sh(`trap '' TERM; while :; do sleep 0.01; done`, 200);
  expect({ ok, text }).toEqual({ ok: false, text: 'took too long' });
});

test('a grandchild that keeps the pipes does not hold it up', async () => {
  const pid = join(folder, 'pid');
  const { ok } = await sh(`sleep 600 & echo $! > ${pid}`, 60_000);
  expect(ok).toBe(true);
  expect(existsSync(pid)).toBe(true);
  process.kill(Number(readFileSync(pid, 'utf8')), 'SIGKILL');
});
