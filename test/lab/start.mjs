/** `npm run test:lab`: bundles the lab into a folder of its own, so that nobody's `.build` is in the way, and runs it. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const lab = import.meta.dirname;
const outdir = mkdtempSync(join(tmpdir(), 'imagetank-lab-'));
process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));

const scenarios = readdirSync(join(lab, 'scenarios')).filter((name) => name.endsWith('.scenario.ts'));
const common = { bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning' };
await build({
  ...common,
  entryPoints: [join(lab, 'run.ts'), ...scenarios.map((name) => join(lab, 'scenarios', name))],
  outbase: lab,
  outdir,
  splitting: true,
});
// One file: it is all that the guest gets.
await build({
  ...common,
  entryPoints: [join(lab, 'guest', 'agent.ts')],
  outfile: join(outdir, 'agent.mjs'),
});
const { main } = await import(pathToFileURL(join(outdir, 'run.js')).href);
process.exitCode = await main(process.argv.slice(2), { project: process.cwd(), bundle: outdir });
