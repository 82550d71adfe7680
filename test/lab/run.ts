/** `npm run test:lab`, see README.md. */
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { countOf, flagsOf } from '../flags.ts';
import { cacheDir, openCache } from './build/cache.ts';
import { buildParts } from './build/parts.ts';
import { bootedSnapshot } from './build/snapshots.ts';
import { type Host, lookAtHost } from './host.ts';
import { endWithUs, makeKit, type Places } from './kit.ts';
import type { Kit } from './lab.ts';
import { inOrder, inTurn, type Outcome, play, type Scenario, scenariosOf } from './scenario.ts';

/** A machine keeps one core busy. */
const MAX_JOBS = 2;
const HELP = `npm run test:lab -- [options]
  --only TEXT     the scenarios with this in their name
  --list          the names of the scenarios
  --keep-going    not only up to the first that fails; what failed is tried once more, alone
  --jobs N        machines at once (default ${MAX_JOBS})
  --minutes N     begins none after N minutes, and names those; another day begins with others, the longest are last
  --build-only    kernel, guest and first snapshot
Example: npm run test:lab -- --only "pulled" --keep-going
The states of power cuts: node test/lab/start.mjs --power-cut`;

/** Gives the exit code. */
export async function main(argv: readonly string[], places: Places): Promise<number> {
  const flags = flagsOf({
    args: [...argv],
    options: {
      help: { type: 'boolean', default: false },
      only: { type: 'string' },
      list: { type: 'boolean', default: false },
      'keep-going': { type: 'boolean', default: false },
      'build-only': { type: 'boolean', default: false },
      minutes: { type: 'string' },
      jobs: { type: 'string', default: String(Math.min(MAX_JOBS, availableParallelism())) },
    },
  });
  if (flags.help) {
    console.log(HELP);
    return 0;
  }
  const folder = join(places.bundle, 'scenarios');
  const scenarios = scenariosOf(
    readdirSync(folder).map((name) => join(folder, name)),
    flags.only,
  );
  if (flags.list) {
    for (const { name } of scenarios) console.log(name);
    return 0;
  }
  const look = lookAtHost();
  if ('missing' in look) return missing(look.missing);
  endWithUs();
  if (flags['build-only']) {
    await build(look.host, places);
    return 0;
  }
  return playAll(
    inOrder(scenarios, Date.now(), flags.minutes === undefined ? 'enough' : 'short'),
    await makeKit(look.host, places),
    {
      jobs: countOf('--jobs', flags.jobs) ?? 1,
      keepGoing: flags['keep-going'],
      minutes: countOf('--minutes', flags.minutes) ?? Number.POSITIVE_INFINITY,
    },
  );
}

/** On somebody's own machine the lab is a choice; where changes are judged it has to run. */
function missing(what: string): number {
  const isJudged = process.env['CI'] === 'true';
  console.log(`the lab needs: ${what}`);
  console.log(isJudged ? '0 passed, 1 failed' : '0 passed, 0 failed');
  return isJudged ? 1 : 0;
}

async function build(host: Host, { project, bundle }: Places): Promise<void> {
  const cache = openCache(cacheDir(), (text) => console.log(text));
  const parts = await buildParts(cache, host, { project, agent: join(bundle, 'agent.mjs') });
  await bootedSnapshot(cache, parts);
}

interface Bounds {
  readonly jobs: number;
  readonly keepGoing: boolean;
  readonly minutes: number;
}

async function playAll(
  scenarios: readonly Scenario[],
  kit: Kit,
  { jobs, keepGoing, minutes }: Bounds,
): Promise<number> {
  const endMs = performance.now() + minutes * 60_000;
  let passed = 0;
  const late: string[] = [];
  const failed: Scenario[] = [];
  await inTurn(scenarios, jobs, async (scenario) => {
    if (performance.now() > endMs) {
      late.push(scenario.name);
      return 'go-on';
    }
    const outcome = await play(scenario, kit);
    tell(scenario, outcome);
    if (outcome.ok) passed += 1;
    else failed.push(scenario);
    return outcome.ok || keepGoing ? 'go-on' : 'stop';
  });
  if (late.length > 0) console.log(`not begun, for ${minutes} minutes are over: ${late.join('; ')}`);
  // An emulated machine beside another starves now and then. What fails alone as well has failed; both are printed.
  for (const scenario of keepGoing ? failed.splice(0) : []) {
    console.log(`once more, alone: ${scenario.name}`);
    const outcome = await play(scenario, kit);
    tell(scenario, outcome);
    if (outcome.ok) passed += 1;
    else failed.push(scenario);
  }
  console.log(`${passed} passed, ${failed.length} failed`);
  return failed.length === 0 && passed > 0 ? 0 : 1;
}

function tell({ name }: Scenario, outcome: Outcome): void {
  const seconds = `${(outcome.tookMs / 1000).toFixed(1)} s`;
  if (outcome.ok) {
    const notes = outcome.notes.map((note) => `; ${note}`).join('');
    console.log(`ok    ${name} (${seconds}${notes})`);
  } else console.log(`FAIL  ${name} (${seconds})\n${outcome.error}\n${outcome.lastWords}`);
}
