/** All states of one drive, each looked at and judged. */
import { copyFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copySparse } from '../../lab/build/snapshots.ts';
import type { Found, Sight } from '../../lab/guest/protocol.ts';
import type { Lab } from '../../lab/lab.ts';
import { Overlay } from './disk.ts';
import { type DriveSpec, PARTITION_BYTES } from './drives.ts';
import { extractVolume, helperFunctions, refusal, repair } from './helper-check.ts';
import { type Expected, judge } from './judge.ts';
import type { Looker } from './looker.ts';
import type { Recording } from './record.ts';
import { atOf, entriesBefore, piecesOf, type State, statesOf } from './states.ts';
import { count, countRepaired, isBad, linesOf, noTally, type Tally } from './tally.ts';
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
/** Of what is wrong with one of them; all of it is kept. */
const TOLD = 4;

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
      const verdict = judge(filesOf(sight), expected);
      count(tally, verdict, sight.mounted ? refused : `cannot be mounted: ${sight.said}`);
      const after = refused === null ? null : judge(await repaired(looker, drive, volume, refused), expected);
      if (after !== null) countRepaired(tally, after);
      if (!isBad(verdict) && (after === null || after.lost.length === 0)) continue;
      bad += 1;
      const lines = [
        ...linesOf(verdict),
        ...linesOf(after ?? verdict).map((line) => `when repaired, ${line}`),
      ];
      if (bad <= KEPT) keep(campaign, `${drive.fileSystem}-${bad}`, volume, { state, refused, bad: lines });
    }
  } finally {
    replayed.close();
  }
  return tally;
}

const filesOf = (sight: Sight): readonly Found[] => (sight.mounted ? sight.files : []);

/** What is left when somebody has done what the helper asked for. */
async function repaired(looker: Looker, drive: DriveSpec, volume: string, refused: string) {
  const copy = `${volume}.repaired`;
  await copySparse(volume, copy);
  await repair(refused, copy);
  const image = new Replayed(copy, []);
  image.open();
  try {
    return filesOf(await looker.look(new Overlay(image, statSync(copy).size), drive));
  } finally {
    image.close();
  }
}

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
  readonly refused: string | null;
  readonly bad: readonly string[];
}

/** For whoever looks for the cause: the volume as it was after this cut, and what is wrong with it. */
function keep({ project, print }: Campaign, name: string, volume: string, badState: BadState): void {
  const folder = join(project, '.build', 'power-cut');
  mkdirSync(folder, { recursive: true });
  copyFileSync(volume, join(folder, `${name}.img`));
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(badState, null, 1));
  const { kind, cut, durable, kept } = badState.state;
  const { bad } = badState;
  const said = bad.length > TOLD ? [...bad.slice(0, TOLD), `${bad.length - TOLD} more`] : bad;
  print(
    `  ${name}: ${kind}, cut after entry ${cut}, ${durable} flushed, ${kept.length} more: ${said.join('; ')}`,
  );
}
