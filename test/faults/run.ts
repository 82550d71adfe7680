/** `npm run test:faults`, see README.md. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { from, lastValueFrom, mergeMap, toArray } from 'rxjs';
import { countOf, flagsOf } from '../flags.ts';
import type { Figures, Stage } from './stage.ts';
import { stage as errors } from './stages/errors.ts';
import { stage as full } from './stages/full.ts';
import { stage as http } from './stages/http.ts';
import { stage as inbox } from './stages/inbox.ts';
import { stage as journal } from './stages/journal.ts';
import { stage as mutants } from './stages/mutants.ts';
import { stage as names } from './stages/names.ts';
import { stage as pulled } from './stages/pulled.ts';
import { stage as sigkill } from './stages/sigkill.ts';
import { stage as source } from './stages/source.ts';
import { stage as tus } from './stages/tus.ts';

const STAGES: readonly Stage[] = [
  sigkill,
  inbox,
  tus,
  errors,
  source,
  pulled,
  full,
  names,
  mutants,
  journal,
  http,
];
/** In the lab: a bundle of its own. */
const POWER_CUT = 'stage.js';
/** sysexits.h */
const USAGE = 64;
/** A stage waits half of its time for disks and for what it kills. */
const MAX_JOBS = 2;
const HELP = `npm run test:faults -- [options]
  --full          every point, not a sample of them (hours)
  --only STAGE    this stage; may be given again
  --list          the names of the stages
  --seed N        another sample (default 1)
  --jobs N        stages at once (default ${MAX_JOBS})
  --json          the last line is one JSON object
Example: npm run test:faults -- --only sigkill --only pulled --full`;

interface Outcome extends Figures {
  readonly name: string;
  readonly seed: number;
  readonly tookMs: number;
}

/** Gives the exit code: 1 when any figure is not 0, or nothing was tried. `bundle`: where `start.mjs` put the programs. */
export async function main(argv: readonly string[], bundle: string): Promise<number> {
  const flags = flagsOf({
    args: [...argv],
    options: {
      help: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      list: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      jobs: { type: 'string', default: String(Math.min(MAX_JOBS, availableParallelism())) },
      json: { type: 'boolean', default: false },
    },
  });
  if (flags.help) {
    console.log(HELP);
    return 0;
  }
  const all = await stagesIn(bundle);
  const stages = all.filter(({ name }) => flags.only === undefined || flags.only.includes(name));
  if (flags.list) {
    for (const { name } of stages) console.log(name);
    return 0;
  }
  const seed = Number(flags.seed);
  const unknown = flags.only?.some((wanted) => !all.some(({ name }) => name === wanted)) ?? false;
  if (!Number.isSafeInteger(seed) || unknown || stages.length === 0) {
    console.error(`--seed takes a whole number, --only one of ${all.map(({ name }) => name).join(', ')}`);
    return USAGE;
  }
  const print = (line: string) => (flags.json ? console.error(line) : console.log(line));
  const outcomeOf = async (stage: Stage): Promise<Outcome> => {
    const begun = performance.now();
    const say = (line: string) => print(line.replace(/^ +/, `  ${stage.name}: `));
    const figures = await figuresOf(stage, { full: flags.full, seed, print: say });
    const outcome = { name: stage.name, ...figures, seed, tookMs: Math.round(performance.now() - begun) };
    print(lineOf(outcome));
    return outcome;
  };
  const jobs = countOf('--jobs', flags.jobs) ?? 1;
  const outcomes = await lastValueFrom(from(stages).pipe(mergeMap(outcomeOf, jobs), toArray()));
  return summarise(outcomes, flags.json);
}

async function stagesIn(bundle: string): Promise<readonly Stage[]> {
  const path = join(bundle, POWER_CUT);
  if (!existsSync(path)) return STAGES;
  const { stage } = (await import(pathToFileURL(path).href)) as { readonly stage: Stage };
  return [...STAGES, stage];
}

/** A campaign that falls has shown nothing: that is a finding. */
async function figuresOf(stage: Stage, options: Parameters<Stage['run']>[0]): Promise<Figures> {
  try {
    return await stage.run(options);
  } catch (error) {
    options.print(`  ${error instanceof Error ? error.stack : String(error)}`);
    return { points: 0, lost: 0, wrong: 1, doubled: 0, skipped: null };
  }
}

function summarise(stages: readonly Outcome[], json: boolean): number {
  const failed = stages.filter(isFailed).length;
  const passed = stages.filter(({ skipped }) => skipped === null).length - failed;
  console.log(json ? JSON.stringify({ stages, passed, failed }) : `${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function lineOf({ name, points, lost, wrong, doubled, skipped, seed, tookMs }: Outcome): string {
  if (skipped !== null) return `${name}: skipped, ${skipped}`;
  const seconds = (tookMs / 1000).toFixed(1);
  return `${name}: ${points} points: ${lost} lost, ${wrong} wrong, ${doubled} doubled (seed ${seed}, ${seconds} s)`;
}

function isFailed({ points, lost, wrong, doubled, skipped }: Outcome): boolean {
  return skipped === null && (points === 0 || lost + wrong + doubled > 0);
}
