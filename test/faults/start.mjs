/** `npm run test:faults`: bundles the campaigns and what they run into a folder of its own, and starts them. */
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const faults = import.meta.dirname;
const project = join(faults, '../..');
const PREFIX = 'imagetank-faults-';
for (const name of readdirSync(tmpdir())) {
  // What a run that was killed left.
  const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
  if (!Number.isNaN(pid) && !existsSync(`/proc/${pid}`))
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
}
const folder = realpathSync(mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`)));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));

const workers = readdirSync(join(project, 'bin')).filter((name) => name.endsWith('-worker.ts'));
await build({
  // Side by side, because that is where the daemon looks for its workers.
  entryPoints: [
    join(faults, 'run.ts'),
    join(faults, 'driver.ts'),
    join(faults, 'inbox-driver.ts'),
    join(faults, 'tus-driver.ts'),
    ...[join(faults, 'power-cut', 'stage.ts')].filter((path) => existsSync(path)),
    ...workers.map((name) => join(project, 'bin', name)),
  ],
  entryNames: '[name]',
  outdir: folder,
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  logLevel: 'warning',
  // Packages that cannot be bundled, as in the script `build`.
  alias: { vitest: join(faults, 'outside-vitest.ts') },
  external: ['@photostructure/sqlite', '@node-rs/xxhash', 'usb', '@viz-js/viz'],
  banner: { js: 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);' },
});
const { main } = await import(pathToFileURL(join(folder, 'run.js')).href);
process.exitCode = await main(process.argv.slice(2), folder);
