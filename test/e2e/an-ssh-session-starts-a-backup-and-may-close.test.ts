import { spawn } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BackupStatus, HistoryLine, Status } from '../../services/shapes.ts';
import { type Answer, CARDS, Desk, PROGRAM, photosOn } from './imagetank.ts';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});
afterEach(() => desk.clear());

/** As sshd runs `ssh pi@opal imagetank …`: no terminal, here also no input at all, and hardly an environment. */
function overSsh(...args: readonly string[]): Promise<Answer> {
  const home = join(desk.root, 'home');
  mkdirSync(join(home, '.local/state'), { recursive: true });
  symlinkSync(desk.state, join(home, '.local/state/imagetank'));
  const closed = ['-c', 'exec "$0" "$@" <&-', process.execPath, PROGRAM, ...args];
  const env = { HOME: home, PATH: '/usr/bin:/bin', SSH_CONNECTION: '192.0.2.1 1 192.0.2.2 22' };
  const child = spawn('/bin/sh', closed, { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, error] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    error += chunk.toString();
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? -1, out, error })));
}

test('ssh pi@opal imagetank backup SD32GB-03 returns with the id, and the backup goes on without it', async () => {
  await desk.start();
  await desk.run('sim', 'insert', join(CARDS, 'SD32GB-03'));
  // No drive is there yet: the backup cannot have ended when the command does, however slow this machine is.
  const started = await overSsh('backup', 'SD32GB-03');
  expect(started).toMatchObject({ code: 0, error: '' });
  expect(started.out).toMatch(/^\d{8}-\d+\b.*\n$/);
  const id = started.out.match(/^\S+/)?.[0] ?? '';
  const { backups } = await desk.json<Status>('status');
  expect(backups.find((backup: BackupStatus) => backup.id === id)).toMatchObject({ outcome: null });

  const drive = desk.folder('PDRIVE');
  expect((await desk.run('drive', 'adopt', drive)).code).toBe(0);
  let ended: HistoryLine | undefined;
  while (ended?.outcome == null) {
    const { out } = await desk.run('history', '--json');
    const lines = out
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '');
    ended = lines.map((line) => JSON.parse(line) as HistoryLine).find((line) => line.id === id);
  }
  expect(ended.outcome).toBe('done');
  expect(photosOn(drive).size).toBeGreaterThan(0);
});
