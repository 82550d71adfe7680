/**
 * `npm run test:lab`: bundles the lab into a folder of its own, so that nobody's `.build` is in the way, and runs it.
 * With `--power-cut` the campaign of test/faults/power-cut/ instead of the scenarios.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const lab = import.meta.dirname;
const PREFIX = 'imagetank-lab-bundle-';
for (const name of readdirSync(tmpdir())) {
  // What a run that was killed left.
  const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : null;
  if (pid !== null && !existsSync(`/proc/${pid}`))
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
}
const outdir = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));

const bundle = join(outdir, 'lab');
const campaign = join(lab, '..', 'faults', 'power-cut', 'main.ts');
const scenarios = readdirSync(join(lab, 'scenarios')).filter((name) => name.endsWith('.scenario.ts'));
const common = { bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning' };
await build({
  ...common,
  entryPoints: [join(lab, 'run.ts'), campaign, ...scenarios.map((name) => join(lab, 'scenarios', name))],
  outbase: join(lab, '..'),
  outdir,
  splitting: true,
});
// One file: it is all that the guest gets.
await build({
  ...common,
  entryPoints: [join(lab, 'guest', 'agent.ts')],
  outfile: join(bundle, 'agent.mjs'),
});
const [first, ...rest] = process.argv.slice(2);
const isCampaign = first === '--power-cut';
const program = isCampaign ? join(outdir, 'faults', 'power-cut', 'main.js') : join(bundle, 'run.js');
const { main } = await import(pathToFileURL(program).href);
const places = { project: process.cwd(), bundle };
process.exitCode = await main(isCampaign ? rest : process.argv.slice(2), places);
