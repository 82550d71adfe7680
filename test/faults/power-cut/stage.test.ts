import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stage } from './stage.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'power-cut-stage-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Runs a program in place of the campaign; gives what it printed too. */
async function play(code: string, options: { full: boolean; seed: number } = { full: false, seed: 1 }) {
  const program = join(dir, 'campaign.mjs');
  writeFileSync(program, code);
  const lines: string[] = [];
  const result = await stage
    .run({ ...options, print: (line) => lines.push(line) }, [program])
    .catch((error: unknown) => (error instanceof Error ? error.message : 'thrown'));
  return { lines, result };
}

const RESULT = { points: 7, lost: 1, wrong: 0, doubled: 0, skipped: null };
const last = `console.log('result ' + ${JSON.stringify(JSON.stringify(RESULT))});`;

describe('the stage', () => {
  it('passes on what the campaign prints, and gives its result', async () => {
    const { lines, result } = await play(
      `console.log('ext4'); console.error('oh'); ${last} process.exitCode = 1;`,
    );
    expect(lines.sort()).toEqual(['ext4', 'oh']);
    expect(result).toEqual(RESULT);
  });

  it('passes on the seed and the size', async () => {
    const tell = `console.log(process.argv.slice(2).join(' ')); ${last}`;
    expect((await play(tell, { full: false, seed: 4 })).lines).toEqual(['--seed 4']);
    expect((await play(tell, { full: true, seed: 5 })).lines).toEqual(['--seed 5 --full']);
  });

  it('fails when there is no result, or none that is understood', async () => {
    expect((await play('process.exitCode = 3')).result).toBe(
      'the campaign ended with 3 before it had a result',
    );
    expect((await play(`console.log('result {}')`)).result).not.toMatchObject({ points: expect.anything() });
  });
});
