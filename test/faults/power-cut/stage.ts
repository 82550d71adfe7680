/**
 * The power-cut states of `npm run test:faults`: a real backup in the lab, every write to every disk logged, the states
 * that a power cut can leave put together again, mounted by a real kernel and held against what had been promised.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const PROGRAM = ['test/lab/start.mjs', '--power-cut'] as const;
/** Four times what it takes on two busy cores. */
const DEADLINE_MS = { short: 30 * 60_000, full: 6 * 60 * 60_000 };
const KILL_AFTER_MS = 5_000;
const RESULT = 'result ';

const Result = z.object({
  points: z.number(),
  lost: z.number(),
  wrong: z.number(),
  doubled: z.number(),
  skipped: z.string().nullable(),
});

export interface StageOptions {
  /** A thousand states a file system and more instead of some sixty. */
  readonly full: boolean;
  /** The same states for the same log of writes; which differs from run to run, as the machine does. */
  readonly seed: number;
  readonly print: (line: string) => void;
}

/** `skipped`: why it could not run, in one line. */
export type StageResult = z.infer<typeof Result>;

/** Run from the repository's root. `program` stands in for the campaign in tests. */
async function run(options: StageOptions, program: readonly string[] = PROGRAM): Promise<StageResult> {
  const { full, seed, print } = options;
  const args = [...program, '--seed', String(seed), ...(full ? ['--full'] : [])];
  // A process of its own: it bundles itself, and everything it starts ends with it.
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', reject).once('close', (code, signal) => resolve(signal ?? code ?? 'nothing'));
  });
  const deadlineMs = full ? DEADLINE_MS.full : DEADLINE_MS.short;
  const term = setTimeout(() => child.kill('SIGTERM'), deadlineMs);
  const kill = setTimeout(() => child.kill('SIGKILL'), deadlineMs + KILL_AFTER_MS);
  let result: string | null = null;
  createInterface({ input: child.stderr }).on('line', print);
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith(RESULT)) result = line.slice(RESULT.length);
    else print(line);
  });
  try {
    const how = await ended;
    if (result === null) throw new Error(`the campaign ended with ${how} before it had a result`);
    return Result.parse(JSON.parse(result));
  } finally {
    clearTimeout(term);
    clearTimeout(kill);
  }
}

export const stage = { name: 'power-cut', run };
