import type { HistoryLine } from '../../services/shapes.ts';
import { ChildWatch } from './child-watch.ts';
import type { Measured } from './contenders.ts';
import type { BenchDaemon } from './daemon.ts';
import { deviceReadBytes } from './machine.ts';
import { cpuSeconds, fetchedBytes, residentBytes } from './processes.ts';

export interface ImagetankMeasured extends Measured {
  /** Peak of the daemon since its start, all its threads included. */
  readonly rssBytes: number;
  /** Peak of its children together. */
  readonly childrenRssBytes: number;
  readonly loopDelayP99Ms: number;
  readonly ledErrorsMs: readonly number[];
  /** What the device of the drives gave; null where the kernel does not count. */
  readonly deviceReadBytes: number | null;
  /** What the daemon made the kernel fetch from any device: not what others read at the same time. */
  readonly fetchedBytes: number;
}

/** What a backup must have done. */
export interface Work {
  readonly card: string;
  readonly drives: readonly string[];
  readonly copied: number;
  readonly known: number;
  readonly bytes: number;
}

/** The whole command as typed, beside a daemon that runs and has adopted its drives. */
export async function backUp(daemon: BenchDaemon, work: Work): Promise<ImagetankMeasured> {
  const drive = work.drives[0] ?? work.card;
  const watch = new ChildWatch(daemon.pid);
  daemon.beginProbe();
  const before = { device: deviceReadBytes(drive), fetched: fetchedBytes(daemon.pid), cpu: cpuOf(daemon) };
  watch.start();
  const {
    out,
    tookMs,
    cpuSeconds: client,
  } = await daemon.command('backup', work.card, '--wait', '--json', '--quiet');
  const children = watch.stop();
  const device = deviceReadBytes(drive);
  const { loopDelayP99Ms, ledErrorsMs } = await daemon.reportProbe();
  assertDone(out, work);
  return {
    tookMs,
    cpuSeconds: client + children.cpuSeconds + cpuOf(daemon) - before.cpu,
    rssBytes: residentBytes(daemon.pid, 'VmHWM'),
    childrenRssBytes: children.peakBytes,
    loopDelayP99Ms,
    ledErrorsMs,
    deviceReadBytes: device === null || before.device === null ? null : device - before.device,
    fetchedBytes: fetchedBytes(daemon.pid) - before.fetched,
  };
}

const cpuOf = ({ pid }: BenchDaemon): number => cpuSeconds(pid).own;

/** A fast run that did not do the work is no result. */
function assertDone(out: string, { drives, copied, known, bytes }: Work): void {
  const line = JSON.parse(out.trim().split('\n').at(-1) ?? '') as HistoryLine;
  const isWhole = line.outcome === 'done' && line.failed === 0 && line.bytes === bytes;
  const isCounted = line.copied === copied && line.duplicates === known;
  const done = line.drives.filter(({ outcome }) => outcome === 'done');
  if (!isWhole || !isCounted || done.length !== drives.length) {
    throw new Error(`the backup did not do its work: ${JSON.stringify(line)}`);
  }
}
