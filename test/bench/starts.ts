/** How long the daemon takes until it is ready, and `imagetank status` beside a Node that does nothing. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchDaemon } from './daemon.ts';
import { median } from './figures.ts';
import { cpuSeconds, run } from './machine.ts';

const SETTLE_MS = 3000;

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

/** Share of one core that the daemon and its children take while nothing happens, in percent. */
export async function idleCpuPercent(root: string, seconds: number): Promise<number> {
  let percent = Number.NaN;
  await withDaemon(root, async (daemon) => {
    // What a start leaves to do is not idleness.
    await sleep(SETTLE_MS);
    const before = cpuSeconds(daemon.pid);
    await sleep(seconds * 1000);
    percent = ((cpuSeconds(daemon.pid) - before) / seconds) * 100;
  });
  return percent;
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
