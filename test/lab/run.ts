/** `npm run test:lab`, see README.md. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheDir, openCache } from './build/cache.ts';
import { buildParts } from './build/parts.ts';
import { programImage } from './build/program.ts';
import { bootedSnapshot, snapshots } from './build/snapshots.ts';
import { type Host, lookAtHost } from './host.ts';
import type { Kit } from './lab.ts';
import { killChildren } from './process.ts';
import { inTurn, type Outcome, play, type Scenario, scenariosOf } from './scenario.ts';
import { folders } from './vm/folders.ts';

/** A machine keeps one core busy. */
const MAX_JOBS = 2;

interface Places {
  /** The repository. */
  readonly project: string;
  /** Where `start.mjs` put the bundle. */
  readonly bundle: string;
}

/** Gives the exit code. */
export async function main(argv: readonly string[], places: Places): Promise<number> {
  const { values: flags } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string' },
      list: { type: 'boolean', default: false },
      'keep-going': { type: 'boolean', default: false },
      'build-only': { type: 'boolean', default: false },
      jobs: { type: 'string', default: String(Math.min(MAX_JOBS, availableParallelism())) },
    },
  });
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
  return playAll(scenarios, await makeKit(look.host, places), Number(flags.jobs), flags['keep-going']);
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

async function makeKit(host: Host, { project, bundle }: Places): Promise<Kit> {
  const cache = openCache(cacheDir(), (text) => console.log(text));
  const parts = await buildParts(cache, host, { project, agent: join(bundle, 'agent.mjs') });
  // The guest runs what is shipped, as it is now.
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: project, stdio: 'inherit' });
  const program = await programImage(cache, project);
  const own = folders(cache.dir);
  process.once('exit', () => own.clear());
  return { cache, parts, program, folders: own, snapshots: snapshots(cache, parts, program) };
}

async function playAll(
  scenarios: readonly Scenario[],
  kit: Kit,
  jobs: number,
  keepGoing: boolean,
): Promise<number> {
  let passed = 0;
  const failed: Scenario[] = [];
  await inTurn(scenarios, jobs, async (scenario) => {
    const outcome = await play(scenario, kit);
    tell(scenario, outcome);
    if (outcome.ok) passed += 1;
    else failed.push(scenario);
    return outcome.ok || keepGoing ? 'go-on' : 'stop';
  });
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

/** However this run ends, no machine goes on (and should it be killed, the kernel ends them). */
function endWithUs(): void {
  process.once('exit', killChildren);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(130));
}
