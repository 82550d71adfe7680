import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Status } from '../../services/shapes.ts';
import { Desk, PROGRAM } from './imagetank.ts';

/** The index of SQLite's write-ahead log takes 32 KiB of these; the log itself soon wants more. */
const MAX_FILE_BYTES = 40_000;

const hasPrlimit = (() => {
  try {
    accessSync('/usr/bin/prlimit');
    return true;
  } catch {
    console.log('skipped: a journal that cannot grow: no prlimit (apt: util-linux)');
    return false;
  }
})();

let desk: Desk;
let child: ChildProcess | null = null;
beforeEach(() => {
  desk = new Desk();
});
afterEach(async () => {
  if (child !== null && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  child = null;
  await desk.clear();
});

/** Resolves when the daemon has said that its journal cannot be written. */
async function startWithFullDisk(): Promise<ChildProcess> {
  const started = spawn(
    'prlimit',
    [`--fsize=${MAX_FILE_BYTES}`, process.execPath, PROGRAM, 'run', '--board', 'sim'],
    { env: { ...process.env, IMAGETANK_STATE: desk.state }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  child = started;
  let said = '';
  await new Promise<void>((resolve, reject) => {
    started.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('disk I/O error')) resolve();
    });
    started.once('exit', (code) => reject(new Error(`the daemon ended with ${code}: ${said}`)));
  });
  return started;
}

test.skipIf(!hasPrlimit)(
  'the lights, the status and the end of a daemon whose journal takes nothing',
  async () => {
    const first = await desk.start();
    first.kill('SIGTERM');
    expect(await desk.ended(first)).toBe(0);

    const daemon = await startWithFullDisk();
    expect(await desk.json<Status>('status')).toMatchObject({
      state: 'boot',
      signal: 'error',
      code: 9,
      leds: { green: 'off' },
      problems: [{ blinks: 9, message: expect.stringContaining('disk I/O error') }],
    });

    // Nothing can be recorded, the wish to end neither: it ends all the same, and what was not recorded stays unrecorded.
    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    const log = execFileSync(process.execPath, [PROGRAM, 'log', 'verify'], {
      env: { ...process.env, IMAGETANK_STATE: desk.state },
    });
    expect(String(log)).not.toBe('');
  },
  60_000,
);
