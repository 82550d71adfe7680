import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryLine } from '../../services/shapes.ts';
import { BenchDaemon } from './daemon.ts';
import { deviceReadBytes, peakRssBytes, run } from './machine.ts';
import type { Workload } from './workloads.ts';

export interface Measured {
  readonly tookMs: number;
}

export interface ImagetankMeasured extends Measured {
  readonly rssBytes: number;
  readonly idleRssBytes: number;
  readonly loopDelayP99Ms: number;
  readonly ledErrorsMs: readonly number[];
  readonly deviceReadBytes: number | null;
}

/** `bash` adds the two commands up as a person would type them; folders go in as arguments, not as text. */
const together = (script: string, from: string, to: string) =>
  run('bash', ['-euc', script, 'bench', `${from}/.`, to]);

/** A card and a drive never share blocks: where the file system could, a clone would be no copy. */
export function copy(from: string, to: string): Promise<Measured> {
  return together('cp -a --reflink=never -- "$1" "$2" && sync', from, to);
}

/** Copied, then compared by checksum: what a careful person does today. Output is what differs. */
export async function verifiedRsync(from: string, to: string): Promise<Measured> {
  const ended = await together('rsync -a "$1/" "$2/" && sync && rsync -acni "$1/" "$2/"', from, to);
  if (ended.out.trim() !== '') throw new Error(`rsync -acn found differences:\n${ended.out.slice(0, 500)}`);
  return ended;
}

/** The whole command as typed, beside a daemon with an empty journal; starting that daemon is not counted. */
export async function imagetank(from: string, to: string, workload: Workload): Promise<ImagetankMeasured> {
  const state = `${to}.state`;
  mkdirSync(state);
  const daemon = await BenchDaemon.start(state, { probe: true });
  try {
    await daemon.command('drive', 'adopt', to);
    const idleRssBytes = peakRssBytes(daemon.pid);
    daemon.beginProbe();
    const before = deviceReadBytes(to);
    const { out, tookMs } = await daemon.command('backup', from, '--wait', '--json', '--quiet');
    const after = deviceReadBytes(to);
    assertDone(out, workload);
    const report = await daemon.reportProbe();
    const rssBytes = peakRssBytes(daemon.pid);
    const read = before === null || after === null ? null : after - before;
    return { tookMs, rssBytes, idleRssBytes, deviceReadBytes: read, ...report };
  } finally {
    await daemon.stop();
    rmSync(state, { recursive: true, force: true });
  }
}

/** A fast run that did not do the work is no result. */
function assertDone(out: string, { files, fileBytes }: Workload): void {
  const line = JSON.parse(out.trim().split('\n').at(-1) ?? '') as HistoryLine;
  const { outcome, copied, bytes } = line;
  if (outcome !== 'done' || copied !== files || bytes !== files * fileBytes) {
    throw new Error(`the backup did not do its work: ${JSON.stringify(line)}`);
  }
}

/** A new folder, gone again afterwards, whatever happens. */
export async function inFolder<T>(root: string, name: string, work: (to: string) => Promise<T>): Promise<T> {
  const to = join(root, name);
  mkdirSync(to);
  try {
    return await work(to);
  } finally {
    rmSync(to, { recursive: true, force: true });
    // The next contender must not wait for the journal of this deletion.
    await run('sync', ['-f', root]);
  }
}
