/** How long the daemon takes until it is ready, and `imagetank status` beside a Node that does nothing. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BenchDaemon } from './daemon.ts';
import { median } from './figures.ts';
import { run } from './machine.ts';

/** Median from spawn to the first `ready` or `waiting`, with an empty journal. */
export async function startToReady(root: string, starts: number): Promise<number> {
  const times: number[] = [];
  for (let number = 0; number < starts; number += 1) {
    await withDaemon(root, async (daemon) => times.push(daemon.startToReadyMs));
  }
  return median(times);
}

/** Median of the one by the median of the other, asked by turns. */
export async function statusRatio(root: string, rounds: number): Promise<number> {
  const status: number[] = [];
  const empty: number[] = [];
  await withDaemon(root, async (daemon) => {
    for (let round = 0; round < rounds; round += 1) {
      status.push((await daemon.command('status')).tookMs);
      empty.push((await run(process.execPath, ['-e', '0'])).tookMs);
    }
  });
  return median(status) / median(empty);
}

async function withDaemon(root: string, use: (daemon: BenchDaemon) => Promise<unknown>): Promise<void> {
  const state = join(root, 'state');
  mkdirSync(state);
  const daemon = await BenchDaemon.start(state, { probe: false });
  try {
    await use(daemon);
  } finally {
    await daemon.stop();
    rmSync(state, { recursive: true, force: true });
  }
}
