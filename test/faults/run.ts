/** `npm run test:faults`, see README.md. */
import { parseArgs } from 'node:util';
import type { Figures, Stage } from './stage.ts';
import { stage as errors } from './stages/errors.ts';
import { stage as full } from './stages/full.ts';
import { stage as journal } from './stages/journal.ts';
import { stage as mutants } from './stages/mutants.ts';
import { stage as names } from './stages/names.ts';
import { stage as pulled } from './stages/pulled.ts';
import { stage as sigkill } from './stages/sigkill.ts';
import { stage as source } from './stages/source.ts';

const STAGES: readonly Stage[] = [sigkill, errors, source, pulled, full, journal, names, mutants];

export interface Places {
  readonly project: string;
  readonly bundle: string;
}

interface Outcome extends Figures {
  readonly name: string;
  readonly seed: number;
  readonly tookMs: number;
}

/** Gives the exit code: 1 when any figure is not 0, or nothing was tried. */
export async function main(argv: readonly string[], _places: Places): Promise<number> {
  const { values: flags } = parseArgs({
    args: [...argv],
    options: {
      full: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      list: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  });
  const stages = STAGES.filter(({ name }) => flags.only === undefined || flags.only.includes(name));
  if (flags.list) {
    for (const { name } of stages) console.log(name);
    return 0;
  }
  const seed = Number(flags.seed);
  if (!Number.isSafeInteger(seed) || stages.length === 0) {
    console.error(`--seed takes a number, --only one of ${STAGES.map(({ name }) => name).join(', ')}`);
    return 64;
  }
  const say = (line: string) => (flags.json ? console.error(line) : console.log(line));
  const outcomes: Outcome[] = [];
  for (const stage of stages) {
    const begun = performance.now();
    const figures = await stage.run({ full: flags.full, seed, print: say });
    const outcome = { name: stage.name, ...figures, seed, tookMs: Math.round(performance.now() - begun) };
    outcomes.push(outcome);
    say(lineOf(outcome));
  }
  const failed = outcomes.filter(isFailed).length;
  const passed = outcomes.filter((outcome) => outcome.skipped === null).length - failed;
  if (flags.json) console.log(JSON.stringify({ stages: outcomes, passed, failed }));
  else console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function lineOf({ name, points, lost, wrong, doubled, skipped, seed, tookMs }: Outcome): string {
  if (skipped !== null) return `${name}: skipped, ${skipped}`;
  const seconds = (tookMs / 1000).toFixed(1);
  return `${name}: ${points} points: ${lost} lost, ${wrong} wrong, ${doubled} doubled (seed ${seed}, ${seconds} s)`;
}

/** A campaign that tried nothing proves nothing. */
function isFailed({ points, lost, wrong, doubled, skipped }: Outcome): boolean {
  return skipped === null && (points === 0 || lost + wrong + doubled > 0);
}
