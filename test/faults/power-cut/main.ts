/** The campaign as a program: `node test/lab/start.mjs --power-cut [--full] [--seed N] [--states N] [--only FS]`. */
import { statSync } from 'node:fs';
import { countOf, flagsOf } from '../../flags.ts';
import { lookAtHost } from '../../lab/host.ts';
import { endWithUs, makeKit, type Places } from '../../lab/kit.ts';
import { Lab } from '../../lab/lab.ts';
import { random } from '../../lab/random.ts';
import { goOn } from './again.ts';
import { DRIVES, type DriveSpec } from './drives.ts';
import { Looker } from './looker.ts';
import { record, STATE } from './record.ts';
import { type Campaign, replayDrive } from './replay.ts';
import { add, noTally, type Tally } from './tally.ts';

/** States a file system, and moments after which the whole box goes on. */
const SHORT = { states: 60, moments: 1 };
const FULL = { states: 1_000, moments: 10 };

/** Prints what it does; the last line is the result for `stage.ts`. Gives the exit code. */
export async function main(argv: readonly string[], places: Places): Promise<number> {
  const flags = flagsOf({
    args: [...argv],
    options: {
      full: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      states: { type: 'string' },
      moments: { type: 'string' },
      only: { type: 'string' },
    },
  });
  const look = lookAtHost();
  if ('missing' in look) return tell(noTally(), `the lab needs: ${look.missing}`);
  endWithUs();
  const size = flags.full ? FULL : SHORT;
  const states = countOf('--states', flags.states) ?? size.states;
  const moments = countOf('--moments', flags.moments) ?? size.moments;
  const lab = new Lab(await makeKit(look.host, places));
  const print = (line: string): void => console.log(line);
  try {
    const next = random(Number(flags.seed));
    const recording = await timed(print, 'backed up, every write logged', () => record(lab));
    for (const { label, fileSystem } of DRIVES)
      print(`  ${fileSystem}: ${describe(recording.entriesOf(label))}`);
    const campaign = { lab, recording, project: places.project, next, print };
    const drives = DRIVES.filter(({ fileSystem }) => (flags.only ?? fileSystem) === fileSystem);
    const tallies = await replayAll(campaign, drives, states);
    await goOnAll(campaign, tallies, moments);
    const all = noTally();
    for (const [{ fileSystem }, tally] of tallies) {
      print(sentence(fileSystem, tally));
      add(all, tally);
    }
    print(`seed ${flags.seed}`);
    return tell(all, null);
  } catch (error) {
    print(await lab.lastWords());
    throw error;
  } finally {
    await lab.stop();
  }
}

async function replayAll(campaign: Campaign, drives: readonly DriveSpec[], states: number) {
  const { lab, recording, print } = campaign;
  const looker = new Looker(lab, statSync(recording.bases.get(STATE) ?? '').size);
  const tallies = new Map<DriveSpec, Tally>();
  try {
    await looker.start();
    for (const drive of drives) {
      const looking = () => replayDrive(campaign, looker, drive, states);
      const tally = await timed(print, `${drive.fileSystem}: looked at`, looking);
      // Told at once: going on from cuts takes much longer, and may be stopped.
      print(sentence(drive.fileSystem, tally));
      tallies.set(drive, tally);
    }
  } finally {
    await looker.stop();
  }
  return tallies;
}

/** Cuts between the moment the card was plugged and the end, the drives with their own unflushed writes each. */
async function goOnAll(
  campaign: Campaign,
  tallies: ReadonlyMap<DriveSpec, Tally>,
  moments: number,
): Promise<void> {
  const { recording, next, print } = campaign;
  for (let moment = 0; moment < moments; moment += 1) {
    const at = recording.startAt + Math.floor(next() * (recording.endAt - recording.startAt));
    const found = await timed(print, `went on after a cut at ${at} of ${recording.endAt}`, () =>
      goOn(campaign, at),
    );
    for (const [drive, tally] of found) {
      const sum = tallies.get(drive);
      if (sum !== undefined) add(sum, tally);
    }
  }
}

async function timed<T>(print: (line: string) => void, what: string, work: () => Promise<T>): Promise<T> {
  const startMs = performance.now();
  const result = await work();
  print(`${what} (${((performance.now() - startMs) / 1000).toFixed(1)} s)`);
  return result;
}

function describe(entries: readonly { readonly kind: 'write' | 'flush' }[]): string {
  const flushes = entries.filter(({ kind }) => kind === 'flush').length;
  return `${entries.length - flushes} writes, ${flushes} flushes`;
}

function sentence(fileSystem: string, tally: Tally): string {
  const { points, lost, wrong, doubled, refused, halved, refusals } = tally;
  const why = [...refusals].map(([kind, times]) => `\n  ${times} × ${kind.replaceAll('\n', ' / ')}`).join('');
  const stood =
    refused === 0 ? '' : `; ${refused} not mounted before a repair, which halved ${halved} more${why}`;
  return `${fileSystem}: states tried ${points}: ${lost} lost, ${wrong} wrong, ${doubled} doubled${stood}`;
}

/** What `stage.ts` reads. */
function tell({ points, lost, wrong, doubled }: Tally, skipped: string | null): number {
  console.log(`result ${JSON.stringify({ points, lost, wrong, doubled, skipped })}`);
  return lost + wrong + doubled === 0 ? 0 : 1;
}
