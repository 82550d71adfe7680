/** The daemon while nothing is copied: how soon it is ready, what it costs to be there. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchDaemon } from './daemon.ts';
import { median } from './figures.ts';
import { cpuSeconds, residentBytes, run } from './processes.ts';
import { atMost, type Limit } from './targets.ts';

const SETTLE_MS = 3000;

export interface IdleResult {
  readonly id: 'idle';
  readonly startToReadyMs: number;
  /** `imagetank status` by `node -e 0`. */
  readonly statusRatio: number;
  readonly idlePercent: number;
  readonly idleRssBytes: number;
  readonly limits: readonly Limit[];
  readonly ok: boolean;
}

export async function measureIdle(root: string, quick: boolean): Promise<IdleResult> {
  const startToReadyMs = await startToReady(root, quick ? 3 : 5);
  const statusRatio = await statusTimes(root, quick ? 5 : 15);
  const { idlePercent, idleRssBytes } = await idleCosts(root, quick ? 5 : 60);
  const limits = [
    atMost('s from start to ready', startToReadyMs / 1000, 1),
    atMost('MB of memory when idle', idleRssBytes / 1e6, 60),
    // A Pi Zero is ten times slower, and its owner pays for the battery.
    atMost('% of one core when idle', idlePercent, 0.5),
  ];
  const ok = limits.every((limit) => limit.ok);
  return { id: 'idle', startToReadyMs, statusRatio, idlePercent, idleRssBytes, limits, ok };
}

/** Median from spawn to the first light that says ready, with an empty journal. */
async function startToReady(root: string, starts: number): Promise<number> {
  const times: number[] = [];
  for (let number = 0; number < starts; number += 1) {
    await withDaemon(root, async (daemon) => times.push(daemon.startToReadyMs));
  }
  return median(times);
}

/** Median of the one by the median of the other, asked by turns. */
async function statusTimes(root: string, rounds: number): Promise<number> {
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

/** Share of one core that the daemon and its children take while nothing happens, and its memory at the end of that. */
async function idleCosts(root: string, seconds: number) {
  let costs = { idlePercent: Number.NaN, idleRssBytes: Number.NaN };
  await withDaemon(root, async ({ pid }) => {
    const spent = () => cpuSeconds(pid).own + cpuSeconds(pid).children;
    // What a start leaves to do is not idleness.
    await sleep(SETTLE_MS);
    const before = spent();
    await sleep(seconds * 1000);
    const idlePercent = ((spent() - before) / seconds) * 100;
    costs = { idlePercent, idleRssBytes: residentBytes(pid, 'VmRSS') };
  });
  return costs;
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
