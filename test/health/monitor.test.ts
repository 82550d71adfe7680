import type { Subscription } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import { HealthMonitor } from '../../services/health/monitor.ts';
import type { AskedDisk } from '../../services/health/ports.ts';
import { healthShape } from '../../services/health/shape.ts';
import { flush, VirtualClock } from '../runtime/kit.ts';
import { ScriptedSource } from './scripted-source.ts';

const MINUTE_MS = 60_000;

let source: ScriptedSource;
let clock: VirtualClock;
let drives: AskedDisk[];
let monitor: HealthMonitor;
let facts: Fact[];
let subscription: Subscription;

/** Lets time pass in steps, so that what is asked without waiting is answered in between. */
async function pass(ms: number): Promise<void> {
  clock.advance(0);
  await flush();
  for (let left = ms; left > 0; left -= 1000) {
    clock.advance(Math.min(left, 1000));
    await flush();
  }
}
const told = () =>
  facts.splice(0).map((fact) => (fact.type === 'HealthChanged' ? [fact.check, fact.level] : fact));
const hot = (celsius: number) => [{ check: 'temperature', celsius } as const];

beforeEach(() => {
  source = new ScriptedSource();
  clock = new VirtualClock();
  drives = [];
  facts = [];
  monitor = new HealthMonitor({ source, clock, drives: () => drives });
  subscription = monitor.facts$.subscribe((fact) => facts.push(fact));
});
afterEach(() => subscription.unsubscribe());

describe('a fact', () => {
  test('is told when a level changes, not for each reading', async () => {
    source.quickly = hot(50);
    await pass(MINUTE_MS);
    expect(told()).toEqual([]);
    source.quickly = hot(81.24);
    await pass(3000);
    expect(facts).toEqual([
      { type: 'HealthChanged', check: 'temperature', subject: null, level: 'warning', reading: '81.2 °C' },
    ]);
    facts.length = 0;
    source.quickly = hot(79);
    await pass(MINUTE_MS);
    expect(told()).toEqual([]);
    source.quickly = hot(60);
    await pass(3000);
    expect(told()).toEqual([['temperature', 'good']]);
  });

  test('is told at once when something is wrong at the start, and nothing when all is well', async () => {
    source.quickly = [...hot(86), { check: 'throttling', brakes: [] }];
    source.slowly = [{ check: 'memory', rssBytes: 1e6 }];
    await pass(20_000);
    expect(told()).toEqual([['temperature', 'bad']]);
  });

  test('of weak power comes within two samples', async () => {
    source.quickly = [{ check: 'power', low: false, wasLow: false }];
    await pass(10_000);
    source.quickly = [{ check: 'power', low: true, wasLow: false }];
    await pass(6000);
    expect(told()).toEqual([
      ['power', 'warning'],
      ['power', 'bad'],
    ]);
    source.quickly = [{ check: 'power', low: false, wasLow: false }];
    await pass(13_000);
    expect(told()).toEqual([['power', 'warning']]);
  });

  test('says why the processor is slow', async () => {
    source.quickly = [{ check: 'throttling', brakes: ['soft temperature limit'] }];
    await pass(3000);
    expect(facts).toMatchObject([{ check: 'throttling', reading: 'soft temperature limit' }]);
  });

  test('is told again after a restart if it is still so', async () => {
    source.quickly = hot(86);
    await pass(3000);
    subscription.unsubscribe();
    const again = new HealthMonitor({ source, clock, drives: () => [] });
    subscription = again.facts$.subscribe((fact) => facts.push(fact));
    await pass(3000);
    expect(told()).toEqual([
      ['temperature', 'bad'],
      ['temperature', 'bad'],
    ]);
  });

  test('is not told of what can no longer be read: the level stays', async () => {
    source.quickly = hot(86);
    await pass(3000);
    source.quickly = [];
    await pass(MINUTE_MS);
    expect(told()).toEqual([['temperature', 'bad']]);
    expect(monitor.standings).toMatchObject([{ level: 'bad' }]);
  });
});

describe('the pace', () => {
  test('quick every 3 s, slow after 10 s and then every 30 s', async () => {
    await pass(9000);
    expect(source.counts).toMatchObject({ quick: 4, slow: 0 });
    await pass(61_000);
    expect(source.counts).toMatchObject({ quick: 24, slow: 3 });
  });

  test('a slow look that does not answer is not asked again, and holds up nothing', async () => {
    source.gate = new Promise(() => undefined);
    source.quickly = hot(86);
    await pass(5 * MINUTE_MS);
    expect(source.counts.slow).toBe(1);
    expect(told()).toEqual([['temperature', 'bad']]);
  });

  test('a source that throws is asked again', async () => {
    source.broken = true;
    await pass(MINUTE_MS);
    source.broken = false;
    source.quickly = hot(86);
    source.slowly = [{ check: 'memory', rssBytes: 1e9 }];
    await pass(MINUTE_MS);
    expect(told()).toEqual([
      ['temperature', 'bad'],
      ['memory', 'bad'],
    ]);
  });

  test('ends with the subscription: no timer stays, what is answered later is not told', async () => {
    let open = () => undefined as unknown;
    source.gate = new Promise((resolve) => {
      open = () => resolve();
    });
    source.slowly = [{ check: 'memory', rssBytes: 1e9 }];
    await pass(11_000);
    subscription.unsubscribe();
    open();
    await flush();
    expect(clock.armed).toBe(0);
    expect(told()).toEqual([]);
    expect(monitor.standings).toEqual([]);
  });
});

describe('disks', () => {
  const disk = (subject: string): AskedDisk => ({ subject, node: `/dev/${subject}` });
  const say = (subject: string, verdict: 'passed' | 'worn' | 'failing') =>
    source.verdicts.set(subject, { check: 'disk', subject, verdict, detail: '' });

  test('are asked with the first slow look, then every half hour', async () => {
    drives = [disk('D')];
    source.own = disk('/dev/nvme0n1');
    await pass(11_000);
    expect(source.asked).toEqual([['D', '/dev/nvme0n1']]);
    await pass(29 * MINUTE_MS);
    expect(source.asked).toHaveLength(1);
    await pass(2 * MINUTE_MS);
    expect(source.asked).toHaveLength(2);
  });

  test('one that comes is asked within half a minute, the others are left asleep', async () => {
    drives = [disk('D')];
    await pass(MINUTE_MS);
    drives = [disk('D'), disk('E')];
    await pass(31_000);
    expect(source.asked).toEqual([['D'], ['E']]);
  });

  test('each has its own level', async () => {
    drives = [disk('D'), disk('E')];
    say('D', 'failing');
    say('E', 'worn');
    await pass(11_000);
    expect(facts).toMatchObject([
      { check: 'disk', subject: 'D', level: 'bad', reading: 'SMART failing' },
      { check: 'disk', subject: 'E', level: 'warning' },
    ]);
  });

  test('one that is pulled is no problem any more, and is asked anew when it comes back', async () => {
    drives = [disk('D'), disk('E')];
    say('D', 'failing');
    say('E', 'passed');
    await pass(11_000);
    told();
    drives = [];
    await pass(30_000);
    expect(facts.splice(0)).toEqual([
      { type: 'HealthChanged', check: 'disk', subject: 'D', level: 'good', reading: 'no longer attached' },
    ]);
    expect(monitor.standings).toEqual([]);
    drives = [disk('D')];
    await pass(31_000);
    expect(told()).toEqual([['disk', 'bad']]);
  });

  test('one that does not answer is unknown', async () => {
    drives = [disk('D')];
    await pass(11_000);
    expect(healthShape(monitor.standings).disks).toEqual([]);
  });
});

describe('the shape for status', () => {
  test('is null where nothing is known', () => {
    const unknown = { level: null, reading: null, since: null };
    expect(healthShape([])).toEqual({
      ...{ temperature: unknown, power: unknown, throttling: unknown, memory: unknown, stateDisk: unknown },
      disks: [],
    });
  });

  test('has the newest reading, and the time at which the level began', async () => {
    source.quickly = [...hot(50), { check: 'power', low: false, wasLow: false }];
    source.slowly = [
      { check: 'memory', rssBytes: 90e6 },
      { check: 'state-disk', freeBytes: 9e9 },
    ];
    source.own = { subject: '/dev/sda', node: '/dev/sda' };
    source.verdicts.set('/dev/sda', { check: 'disk', subject: '/dev/sda', verdict: 'passed', detail: '' });
    await pass(12_000);
    source.quickly = hot(51);
    await pass(3000);
    const shape = healthShape(monitor.standings);
    expect(shape).toMatchObject({
      temperature: { level: 'good', reading: '51.0 °C', since: '2026-11-21T00:00:00.000Z' },
      power: { level: 'good', reading: 'no under-voltage' },
      throttling: { level: null },
      memory: { level: 'good', reading: '90 MB', since: '2026-11-21T00:00:10.000Z' },
      stateDisk: { level: 'good', reading: '9000 MB free' },
      disks: [{ subject: '/dev/sda', level: 'good', reading: 'SMART passed' }],
    });
    source.quickly = hot(90);
    await pass(3000);
    expect(healthShape(monitor.standings).temperature).toMatchObject({ since: '2026-11-21T00:00:18.000Z' });
  });
});
