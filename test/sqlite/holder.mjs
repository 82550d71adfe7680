// Holds the lock of a state folder until it is killed: what another daemon does, in a process of its own.
import { build } from 'esbuild';

const [, , folder] = process.argv;
const { outputFiles } = await build({
  stdin: {
    contents: `export { lockState } from './adapters/sqlite/state-lock.ts';`,
    resolveDir: new URL('../..', import.meta.url).pathname,
  },
  bundle: true,
  write: false,
  platform: 'node',
  format: 'esm',
  external: ['@photostructure/sqlite'],
});
// A data: URL has no folder to resolve packages from, so the one import.meta.url is set to this file's.
const code = outputFiles[0].text.replaceAll('import.meta.url', JSON.stringify(import.meta.url));
const { lockState } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
lockState(folder);
process.stdout.write('locked\n');
setInterval(() => undefined, 60_000);
