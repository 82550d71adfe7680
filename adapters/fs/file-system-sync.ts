import { spawn } from 'node:child_process';
import { DriveError } from '../../services/errors.ts';
import { asFailedSync } from './failed-sync.ts';

/** A slow stick may hold a minute of writes in its queue; then the drive is given up. */
export const SYNC_DEADLINE_MS = 60_000;

export interface SyncOptions {
  /** Default 60 s. */
  readonly deadlineMs?: number;
  /** coreutils `sync`, or a stand-in of a test. */
  readonly command?: string;
}

/**
 * `syncfs` of the file system that holds `root`, which Node does not offer. Throws `DriveError` `drive-failing`, and
 * another error when `sync` could not be started: then the machine is short of something, and nothing was synced.
 * Does not wait for a child that hangs in the kernel: it cannot be killed, and the daemon must go on.
 */
export async function syncFileSystem(root: string, options: SyncOptions = {}): Promise<void> {
  const { deadlineMs = SYNC_DEADLINE_MS, command = 'sync' } = options;
  const child = spawn(command, ['-f', '--', root], { stdio: 'ignore' });
  let timer: NodeJS.Timeout | undefined;
  const problem = await new Promise<string | null>((resolve, reject) => {
    timer = setTimeout(() => resolve(`not done after ${deadlineMs} ms`), deadlineMs);
    // Without its code: ENOENT of a program is no ENOENT of the drive.
    child.once('error', (error) =>
      reject(new Error(`sync cannot be run: ${error.message}`, { cause: error })),
    );
    child.once('exit', (code, signal) => resolve(code === 0 ? null : `ended with ${code ?? signal}`));
  }).finally(() => clearTimeout(timer));
  if (problem === null) return;
  child.kill('SIGKILL');
  child.unref();
  throw asFailedSync(new DriveError('drive-failing', `sync -f ${root}: ${problem}`));
}
