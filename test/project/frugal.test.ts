import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { beFrugal } from '../../bin/frugal.ts';

const FRUGAL = fileURLToPath(new URL('../../bin/frugal.ts', import.meta.url));

/** What follows in the main thread when a thread was started, which is an isolate more. */
const withThread = (first: string) => `
    const thread = new Worker('require("node:worker_threads").parentPort.once("message", () => undefined)', {
      eval: true,
      execArgv: [],
    });
    await new Promise((online) => thread.once('online', online));
    thread.unref();
    ${first}`;

/** Bytes of the young generation after many objects that live for a while, in a process of its own. */
function youngBytes(first: string): number {
  const contents = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { Worker } from 'node:worker_threads';
    import { beFrugal, setFrugalFlags } from ${JSON.stringify(FRUGAL)};
    ${first}
    const kept = [];
    for (let n = 0; n < 400_000; n += 1) kept[n % 40_000] = { n, text: String(n) };
    console.log(getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size);`;
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  const program = outputFiles[0]?.text ?? '';
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }));
}

describe('a process that is to be frugal', () => {
  test('keeps its young generation small', () => {
    const frugal = youngBytes('beFrugal(process.env);');
    expect(frugal).toBeGreaterThan(0);
    expect(frugal).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(youngBytes('')).toBeGreaterThan(frugal);
  });

  test('keeps it small when a thread says so once more, because the thread undoes it', () => {
    const again = youngBytes(`beFrugal(process.env); ${withThread('setFrugalFlags();')}`);
    expect(again).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(youngBytes(`beFrugal(process.env); ${withThread('')}`)).toBeGreaterThan(again);
  });

  test('takes no huge page for its hashes, unless somebody says so', () => {
    const env: NodeJS.ProcessEnv = {};
    beFrugal(env);
    expect(env['MIMALLOC_ALLOW_THP']).toBe('0');
    const asked: NodeJS.ProcessEnv = { MIMALLOC_ALLOW_THP: '1' };
    beFrugal(asked);
    expect(asked['MIMALLOC_ALLOW_THP']).toBe('1');
  });
});
