/** What people do today: `cp` and verified rsync, as typed. */
import { mkdirSync } from 'node:fs';
import { isRoot, settle } from './machine.ts';
import { run } from './processes.ts';

export interface Measured {
  readonly tookMs: number;
  readonly cpuSeconds: number;
}

export interface RsyncMeasured {
  /** `rsync -a && sync`. */
  readonly copied: Measured;
  /** `rsync -acn` after it, mostly from the page cache. */
  readonly checked: Measured;
  /** The same once more with nothing in memory: what a check that reaches the medium takes. Null without root. */
  readonly checkedCold: Measured | null;
}

const sum = (all: readonly Measured[]): Measured => ({
  tookMs: all.reduce((total, { tookMs }) => total + tookMs, 0),
  cpuSeconds: all.reduce((total, { cpuSeconds }) => total + cpuSeconds, 0),
});

export const verified = ({ copied, checked }: RsyncMeasured): Measured => sum([copied, checked]);

export const verifiedCold = ({ copied, checkedCold }: RsyncMeasured): Measured | null =>
  checkedCold && sum([copied, checkedCold]);

/** Folders go in as arguments, not as text of the shell that adds the commands up. */
const shell = (script: string, from: string, to: string): Promise<Measured & { readonly out: string }> =>
  run('bash', ['-euc', script, 'bench', `${from}/.`, to]);

/** Onto one drive after the other. A card and a drive never share blocks: where it could, a clone would be no copy. */
export async function copy(from: string, drives: readonly string[]): Promise<Measured> {
  const done: Measured[] = [];
  for (const to of drives) {
    mkdirSync(to, { recursive: true });
    done.push(await shell('cp -a --reflink=never -- "$1" "$2" && sync', from, to));
  }
  return sum(done);
}

/** Copied, then compared by checksum, onto one drive after the other: what a careful person does today. */
export async function rsync(from: string, drives: readonly string[]): Promise<RsyncMeasured> {
  const copied: Measured[] = [];
  const checked: Measured[] = [];
  const cold: Measured[] = [];
  for (const to of drives) {
    mkdirSync(to, { recursive: true });
    copied.push(await shell('rsync -a "$1/" "$2/" && sync', from, to));
    checked.push(await check(from, to));
    if (!isRoot()) continue;
    await settle();
    cold.push(await check(from, to));
  }
  return { copied: sum(copied), checked: sum(checked), checkedCold: isRoot() ? sum(cold) : null };
}

async function check(from: string, to: string): Promise<Measured> {
  const ended = await shell('rsync -acni "$1/" "$2/"', from, to);
  // It prints what differs.
  if (ended.out.trim() !== '') throw new Error(`rsync -acn found differences:\n${ended.out.slice(0, 500)}`);
  return ended;
}
