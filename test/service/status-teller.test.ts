import { Subject } from 'rxjs';
import { beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import type { LightLine, Status } from '../../services/shapes.ts';
import { StatusTeller } from '../../services/status-teller.ts';
import { flush } from '../runtime/kit.ts';

const LIGHT = {} as LightLine;
let clock: VirtualClock;
let lights$: Subject<LightLine>;
let lines: string[];
let warnings: string[];
let asked: number;
let running: boolean;
let answer: () => Promise<void>;
let teller: StatusTeller;

beforeEach(() => {
  clock = new VirtualClock();
  lights$ = new Subject();
  [lines, warnings, asked, running] = [[], [], 0, false];
  answer = async () => undefined;
  teller = new StatusTeller({
    appliance: {
      lights$,
      status: async () => {
        asked++;
        await answer();
        const backups = running ? [{ outcome: null, phase: 'planned', card: 'A' }] : [];
        return {
          state: 'ready',
          signal: 'ready',
          drives: [],
          cards: [],
          problems: [],
          backups,
        } as unknown as Status;
      },
    },
    manager: { status: (line) => void lines.push(line) },
    clock,
    warn: (text) => void warnings.push(text),
  });
});

test('tells at each change of the lights, and is quiet in between', async () => {
  teller.start();
  lights$.next(LIGHT);
  await flush();
  expect(lines).toEqual(['ready: 0 drives, no card']);
  expect(clock.armed).toBe(0);
});

test('tells every 5 s while a backup runs, and once more when it is over', async () => {
  running = true;
  teller.start();
  lights$.next(LIGHT);
  await flush();
  clock.advance(5000);
  await flush();
  expect(lines).toEqual(['reading the list of A', 'reading the list of A']);
  running = false;
  clock.advance(5000);
  await flush();
  expect(lines.at(-1)).toBe('ready: 0 drives, no card');
  expect(clock.armed).toBe(0);
});

test('asks once at a time; what changed meanwhile is told afterwards, once', async () => {
  const waiting: (() => void)[] = [];
  answer = () => new Promise((resolve) => waiting.push(resolve));
  teller.start();
  for (let at = 0; at < 5; at++) lights$.next(LIGHT);
  await flush();
  expect(asked).toBe(1);
  waiting.shift()?.();
  await flush();
  expect(asked).toBe(2);
  waiting.shift()?.();
  await flush();
  expect([asked, lines.length]).toEqual([2, 2]);
});

test('goes on after an answer that failed', async () => {
  answer = () => Promise.reject(new Error('no statfs'));
  teller.start();
  lights$.next(LIGHT);
  await flush();
  expect(warnings).toEqual(['status line: no statfs']);
  answer = async () => undefined;
  lights$.next(LIGHT);
  await flush();
  expect(lines).toHaveLength(1);
});

test('is silent after stop, which may come first and twice', async () => {
  running = true;
  teller.start();
  lights$.next(LIGHT);
  await flush();
  let letGo: () => void = () => undefined;
  answer = () =>
    new Promise((resolve) => {
      letGo = resolve;
    });
  lights$.next(LIGHT);
  teller.stop();
  teller.stop();
  letGo();
  await flush();
  clock.advance(60_000);
  lights$.next(LIGHT);
  await flush();
  expect([lines.length, clock.armed, lights$.observed]).toEqual([1, 0, false]);
});
