import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createSimBoard, type SimBoardOptions } from '../../adapters/board-sim/sim-board.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { type Light, threeLeds } from '../../machines/signals.ts';
import { boardContract } from '../contracts/board.contract.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function bench(options: Partial<SimBoardOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'imagetank-board-'));
  folders.push(folder);
  const statusFile = join(folder, 'board.json');
  const clock = new VirtualClock();
  const warnings: string[] = [];
  const board = createSimBoard({ statusFile, clock, warn: (text) => warnings.push(text), ...options });
  const show = (signal: Light['signal'], code: Light['code'] = null, activity: Light['activity'] = null) => {
    const light = { signal, code, activity };
    board.leds.show(light, threeLeds(light));
  };
  const status = async () => JSON.parse(await readFile(statusFile, 'utf8')) as Record<string, unknown>;
  /** Resolves when the file holds what is expected; the test's own time limit ends it otherwise. */
  const becomes = (expected: Record<string, unknown>) =>
    expect.poll(() => status().catch(() => null), { interval: 5, timeout: 20_000 }).toMatchObject(expected);
  return { folder, statusFile, clock, warnings, board, show, status, becomes };
}

/** Collects what a terminal is sent. */
function terminal(isTTY = true) {
  const written: string[] = [];
  return { written, out: { isTTY, write: (text: string) => written.push(text) } };
}

boardContract('sim', async () => {
  const { board, status } = await bench();
  const DARK = { red: false, amber: false, green: false };
  // Before the first light there is no file, and nothing is lit.
  return { board, lit: async () => (await status().catch(() => ({ lit: DARK })))['lit'] as typeof DARK };
});

describe('the status file', () => {
  it('holds signal, code, patterns, levels and the process', async () => {
    const { board, show, becomes, status } = await bench();
    show('error', 5, 'copying');
    await becomes({ signal: 'error' });
    expect(await status()).toEqual({
      signal: 'error',
      code: 5,
      leds: { red: 'code 5', amber: 'pulse 400/400', green: 'off' },
      lit: { red: true, amber: true, green: false },
      pid: process.pid,
    });
    await board.leds.stop();
  });

  it('follows each edge', async () => {
    const { board, clock, show, becomes } = await bench();
    show('copying');
    await becomes({ lit: { red: false, amber: true, green: false } });
    clock.advance(400);
    await becomes({ lit: { red: false, amber: false, green: false } });
    clock.advance(400);
    await becomes({ lit: { red: false, amber: true, green: false } });
    await board.leds.stop();
  });

  it('is there with the last light when stop() resolves: off, whatever was shown', async () => {
    const { board, clock, show, status } = await bench();
    show('ready');
    await board.leds.stop();
    const off = {
      signal: 'off',
      code: null,
      leds: { red: 'off', amber: 'off', green: 'off' },
      lit: { red: false, amber: false, green: false },
    };
    expect(await status()).toMatchObject(off);
    show('ready');
    clock.advance(10_000);
    await board.leds.stop();
    expect(await status()).toMatchObject(off);
  });

  it('keeps the last light after a standing stop, and nothing that comes later', async () => {
    const { board, clock, show, status } = await bench();
    show('shutting-down');
    await board.leds.stop('standing');
    show('ready');
    clock.advance(10_000);
    await board.leds.stop();
    expect(await status()).toMatchObject({ signal: 'shutting-down', lit: { red: true, green: false } });
  });

  it('is replaced whole: a reader sees valid JSON at every moment, and nothing is left beside it', async () => {
    const { board, clock, folder, show, becomes, status } = await bench();
    show('verifying');
    await becomes({ signal: 'verifying' });
    for (let edge = 0; edge < 200; edge++) {
      clock.advance(100);
      expect(await status()).toMatchObject({ signal: 'verifying' });
    }
    await board.leds.stop();
    expect(await readdir(folder)).toEqual(['board.json']);
  });

  it('that cannot be written is told once, and the board goes on', async () => {
    const { board, clock, folder, show, warnings } = await bench({
      statusFile: join(tmpdir(), 'imagetank-no-such-folder', 'board.json'),
    });
    show('verifying');
    for (let edge = 0; edge < 5; edge++) {
      clock.advance(100);
      await new Promise(setImmediate);
    }
    await board.leds.stop();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^board status file: ENOENT/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is written again as soon as it can be', async () => {
    const { board, folder, show, becomes, warnings, statusFile } = await bench();
    await rm(folder, { recursive: true });
    show('copying');
    await expect.poll(() => warnings).toHaveLength(1);
    await mkdir(folder);
    show('ready');
    await becomes({ signal: 'ready' });
    expect(statusFile.startsWith(folder)).toBe(true);
    await board.leds.stop();
    expect(warnings).toHaveLength(1);
  });

  it('leaves nothing beside it when it cannot take its place', async () => {
    const { board, folder, show, statusFile, warnings } = await bench();
    // A folder under its name: the rename fails, not the write.
    await mkdir(statusFile);
    await writeFile(join(statusFile, 'x'), '');
    show('ready');
    await board.leds.stop();
    expect(await readdir(folder)).toEqual(['board.json']);
    expect(warnings).toHaveLength(1);
  });
});

describe('the live line', () => {
  it('is redrawn in place with three dots, red to green', async () => {
    const { written, out } = terminal();
    const { board, clock, show } = await bench({ out, inColor: false });
    show('copying');
    clock.advance(400);
    expect(written.every((text) => text.startsWith('\r\u001b[2K'))).toBe(true);
    expect(written.join('')).not.toContain('\n');
    expect(written.slice(-2)).toEqual(['\r\u001b[2K○ ● ○  copying', '\r\u001b[2K○ ○ ○  copying']);
    await board.leds.stop();
    expect(written.slice(-2)).toEqual(['\r\u001b[2K○ ○ ○  off', '\n']);
  });

  it('has the colours of the LEDs', async () => {
    const { written, out } = terminal();
    const { board, show } = await bench({ out, inColor: true });
    show('error', 4, 'copying');
    expect(written.at(-1)).toContain('\u001b[31m●\u001b[39m \u001b[33m●\u001b[39m \u001b[2m○');
    show('ready');
    expect(written.at(-1)).toContain('\u001b[32m●\u001b[39m  ready');
    await board.leds.stop();
  });

  it('is not drawn twice for one look', async () => {
    const { written, out } = terminal();
    const { board, show } = await bench({ out, inColor: false });
    show('ready');
    const before = written.length;
    show('ready');
    expect(written).toHaveLength(before);
    await board.leds.stop();
  });

  it('stays below a line that is printed', async () => {
    const { written, out } = terminal();
    const { board, show } = await bench({ out, inColor: false });
    show('ready');
    board.print('card in');
    expect(written.at(-1)).toBe('\r\u001b[2Kcard in\n○ ○ ●  ready');
    await board.leds.stop();
  });

  it('is not for files and pipes', async () => {
    const { written, out } = terminal(false);
    const { board, clock, show } = await bench({ out });
    show('verifying');
    board.print('card in');
    clock.advance(1000);
    await board.leds.stop();
    expect(written).toEqual([]);
  });

  it('on a terminal that went away is told once and harms nothing', async () => {
    const out = {
      isTTY: true,
      write: () => {
        throw new Error('EPIPE');
      },
    };
    const { board, clock, show, becomes, warnings } = await bench({ out });
    show('verifying');
    clock.advance(1000);
    board.print('card in');
    await becomes({ signal: 'verifying' });
    await board.leds.stop();
    expect(warnings).toEqual(['live line: EPIPE']);
  });
});

describe('the button', () => {
  it('tells each press and release once, and ends with the board', async () => {
    const { board } = await bench();
    const edges: string[] = [];
    board.button$.subscribe({ next: (edge) => edges.push(edge), complete: () => edges.push('end') });
    board.release();
    board.press();
    board.press();
    board.release();
    board.release();
    board.press();
    await board.leds.stop();
    board.release();
    expect(edges).toEqual(['pressed', 'released', 'pressed', 'end']);
  });
});
