import { beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { UserError } from '../../services/errors.ts';
import { Opening } from '../../services/network/opening.ts';
import { turns } from '../http/kit.ts';

const taken = new UserError('already-running', 75, 'something listens already', 'stop it first');

let clock: VirtualClock;
let trouble: unknown;
let attempts: number;
let said: string[];
let opening: Opening;
beforeEach(() => {
  clock = new VirtualClock();
  [trouble, attempts, said] = [taken, 0, []];
  opening = new Opening({
    open: async () => {
      attempts += 1;
      if (trouble !== null) throw trouble;
    },
    clock,
    warn: (text) => said.push(text),
    info: (text) => said.push(text),
  });
});

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await turns(2);
}

test('a port that opens is no news, and is not opened twice', async () => {
  trouble = null;
  await opening.start();
  expect([opening.problems, said, clock.armed]).toEqual([[], [], 0]);
});

test('a port that is taken is a problem with what to do, that blinks nowhere', async () => {
  await opening.start();
  const message = 'the network is closed: something listens already; stop it first';
  expect(opening.problems).toEqual([
    { code: 'network', blinks: 0, message, since: '2026-11-21T00:00:00.000Z' },
  ]);
});

test('it is said once, however often it is tried, and has lasted since the first time', async () => {
  await opening.start();
  for (let minute = 0; minute < 60; minute += 1) await pass(60_000);
  expect(said).toEqual([
    'the network is closed: something listens already; stop it first; backups go on, and it is tried again',
  ]);
  trouble = new Error('EIO');
  await pass(60_000);
  expect(said).toHaveLength(2);
  expect(opening.problems).toMatchObject([
    { message: 'the network is closed: EIO', since: '2026-11-21T00:00:00.000Z' },
  ]);
});

test('it is tried after 5 s, then less and less often, once a minute at least', async () => {
  await opening.start();
  const pauses: number[] = [];
  let lastSecond = 0;
  for (let seconds = 1; pauses.length < 6; seconds += 1) {
    const before = attempts;
    await pass(1000);
    if (attempts === before) continue;
    pauses.push(seconds - lastSecond);
    lastSecond = seconds;
  }
  expect(pauses).toEqual([5, 10, 20, 40, 60, 60]);
});

test('what was mended opens by itself, and the problem is gone', async () => {
  await opening.start();
  trouble = null;
  await pass(5000);
  expect(opening.problems).toEqual([]);
  expect(said.slice(1)).toEqual(['the network is open']);
  expect(clock.armed).toBe(0);
});

test('nothing is tried after the end, nor after one that came in mid attempt', async () => {
  await opening.start();
  opening.stop();
  await pass(60_000);
  expect(attempts).toBe(1);
  expect(clock.armed).toBe(0);
  await opening.start();
  expect(attempts).toBe(1);
});

test('an end in mid attempt leaves no timer', async () => {
  const attempt = opening.start();
  opening.stop();
  await attempt;
  expect(clock.armed).toBe(0);
});
