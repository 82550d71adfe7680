/** All states of one drive, each looked at and judged. */
import { copyFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../../lab/lab.ts';
import { Overlay } from './disk.ts';
import { type DriveSpec, PARTITION_BYTES } from './drives.ts';
import { extractVolume, helperFunctions, refusal } from './helper-check.ts';
import { type Expected, judge } from './judge.ts';
import type { Looker } from './looker.ts';
import type { Recording } from './record.ts';
import { atOf, entriesBefore, piecesOf, type State, statesOf } from './states.ts';
import { count, isBad, linesOf, noTally, type Tally } from './tally.ts';
import { type Entry, Replayed } from './write-log.ts';

export interface Campaign {
  readonly lab: Lab;
  readonly recording: Recording;
  /** The repository. */
  readonly project: string;
  readonly next: () => number;
  readonly print: (line: string) => void;
}

/** Bad states that are told and kept, a drive. */
const KEPT = 3;

export async function replayDrive(
  campaign: Campaign,
  looker: Looker,
  drive: DriveSpec,
  states: number,
): Promise<Tally> {
  const { recording, next } = campaign;
  const entries = entriesOfPartition(recording.entriesOf(drive.label));
  const { volume, functions } = await prepare(campaign, drive);
  const replayed = new Replayed(volume, entries);
  const overlay = new Overlay(replayed, statSync(volume).size);
  const tally = noTally();
  let bad = 0;
  replayed.open();
  try {
    for (const state of statesOf(entries, entriesBefore(entries, recording.startAt), states, next)) {
      replayed.show(state.durable, piecesOf(entries, state));
      const [refused, sight] = await Promise.all([
        refusal(functions, drive.fileSystem, volume),
        looker.look(overlay, drive),
      ]);
      const expected = expectedAt(recording, drive, atOf(entries, state));
      const verdict = judge(sight.mounted ? sight.files : [], expected);
      count(tally, verdict, sight.mounted ? refused : `cannot be mounted: ${sight.said}`);
      if (!isBad(verdict)) continue;
      bad += 1;
      if (bad <= KEPT) keep(campaign, `${drive.fileSystem}-${bad}`, volume, { state, ...linesAnd(verdict) });
    }
  } finally {
    replayed.close();
  }
  return tally;
}

const linesAnd = (verdict: Parameters<typeof linesOf>[0]) => ({ bad: linesOf(verdict) });

/** What was promised of a drive before a moment, and what else may lie there. */
function expectedAt({ promises, idOf, photos, own }: Recording, { label }: DriveSpec, at: number): Expected {
  const driveId = idOf(label);
  const manifests = new Map((own.get(driveId) ?? []).map((file) => [file.path, [file]]));
  return { promised: promises.filter((one) => one.driveId === driveId && one.at < at), photos, manifests };
}

/** The volume alone, as it was when the log began. */
async function prepare({ lab, recording, project }: Campaign, { label }: DriveSpec) {
  const volume = await lab.copy('/dev/null');
  await extractVolume(recording.bases.get(label) ?? '', volume);
  const functions = `${volume}.sh`;
  helperFunctions(project, functions);
  return { volume, functions };
}

/** What was written to the volume; nobody writes the partition table. */
export function entriesOfPartition(entries: readonly Entry[]): Entry[] {
  return entries.map((entry) => {
    if (entry.kind === 'flush') return entry;
    const offset = entry.offset - PARTITION_BYTES;
    if (offset < 0) throw new Error('something was written before the volume');
    return { ...entry, offset };
  });
}

interface BadState {
  readonly state: State;
  readonly bad: readonly string[];
}

/** For whoever looks for the cause: the volume as it was after this cut, and what is wrong with it. */
function keep({ project, print }: Campaign, name: string, volume: string, { state, bad }: BadState): void {
  const folder = join(project, '.build', 'power-cut');
  mkdirSync(folder, { recursive: true });
  copyFileSync(volume, join(folder, `${name}.img`));
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ state, bad }, null, 1));
  const { kind, cut, durable, kept } = state;
  print(
    `  ${name}: ${kind}, cut after entry ${cut}, ${durable} flushed, ${kept.length} more: ${bad.join('; ')}`,
  );
}
