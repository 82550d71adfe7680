import { beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import type { Status } from '../../services/shapes.ts';
import { StatusFeed } from '../../services/status-feed.ts';
import { BEING_VERIFIED, ScriptedAppliance, STATUS } from '../cli/scripted-appliance.ts';
import { flush } from '../runtime/kit.ts';

const IDLE: Status = { ...STATUS, backups: [], problems: [] };

let appliance: ScriptedAppliance;
let clock: VirtualClock;
let feed: StatusFeed;
let asked: number;

beforeEach(() => {
  appliance = new ScriptedAppliance();
  appliance.statusAnswer = IDLE;
  clock = new VirtualClock();
  feed = new StatusFeed({ appliance, clock });
  asked = 0;
  const { status } = appliance;
  appliance.status = () => {
    asked += 1;
    return status.call(appliance);
  };
});

/** Somebody who watches, and what was heard. */
function watch() {
  const heard: Status[] = [];
  const subscription = feed.status$.subscribe((status) => heard.push(status));
  return { heard, leave: () => subscription.unsubscribe() };
}

/** Time passes, and what was asked for in it is answered. */
async function pass(ms: number, stepMs = 100): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.advance(stepMs);
    await flush();
  }
}

const withCode = (code: number): Status => ({ ...IDLE, code });

describe('the status for all that watch', () => {
  test('is there at once, and costs one question, also for fifty', async () => {
    const all = Array.from({ length: 50 }, watch);
    await flush();
    expect(asked).toBe(1);
    for (const { heard } of all) expect(heard).toEqual([IDLE]);
    const late = watch();
    expect(late.heard).toEqual([IDLE]);
    expect(asked).toBe(1);
  });

  test('comes again when a fact changed it, and not when it is as it was', async () => {
    const { heard } = watch();
    await flush();
    await pass(1000);
    appliance.statusAnswer = withCode(3);
    appliance.heads.next(26);
    await flush();
    expect(heard).toEqual([IDLE, withCode(3)]);
    appliance.heads.next(27);
    await pass(600);
    expect(asked).toBe(3);
    expect(heard).toHaveLength(2);
  });

  test('is told twice a second at most, and never the one before last', async () => {
    const { heard } = watch();
    await flush();
    for (let fact = 1; fact <= 100; fact++) {
      appliance.statusAnswer = withCode(fact);
      appliance.heads.next(25 + fact);
      await pass(50, 50);
    }
    await pass(500);
    expect(heard.length).toBeLessThanOrEqual(1 + 5 * 2 + 1);
    expect(heard.length).toBeGreaterThanOrEqual(10);
    expect(heard.at(-1)).toEqual(withCode(100));
  });

  test.each<[what: string, status: Status, times: number]>([
    ['a backup runs', STATUS, 20],
    ['a drive is verified', { ...IDLE, verifications: [BEING_VERIFIED] }, 20],
    ['nothing runs', IDLE, 2],
  ])('is looked at in ten seconds while %s as often as that moves', async (_what, status, times) => {
    appliance.statusAnswer = status;
    watch();
    await flush();
    await pass(10_000);
    expect(asked).toBe(1 + times);
  });

  test('that only counts up is no other one', async () => {
    const { heard } = watch();
    await flush();
    const { health } = IDLE;
    if (health === null) throw new Error('no health');
    appliance.statusAnswer = { ...IDLE, health: { ...health, rssBytes: 1, uptimeSeconds: 99 } };
    await pass(5000);
    expect(heard).toHaveLength(1);
    const warm = { ...health, temperature: { ...health.temperature, reading: '80 °C' } };
    appliance.statusAnswer = { ...IDLE, health: warm };
    await pass(5000);
    expect(heard.at(-1)?.health?.temperature.reading).toBe('80 °C');
  });

  test('costs nothing while nobody watches, and is asked for anew', async () => {
    const { leave } = watch();
    await flush();
    leave();
    expect([appliance.open, clock.armed]).toEqual([0, 0]);
    appliance.statusAnswer = withCode(7);
    await pass(20_000);
    expect(asked).toBe(1);
    const again = watch();
    await flush();
    expect(again.heard).toEqual([withCode(7)]);
  });

  test('that does not answer is not asked for a second time, and nobody who left hears of it', async () => {
    let answer: (status: Status) => void = () => undefined;
    appliance.status = () => {
      asked += 1;
      return new Promise((resolve) => {
        answer = resolve;
      });
    };
    const { heard, leave } = watch();
    for (let fact = 0; fact < 10; fact++) appliance.heads.next(30 + fact);
    await pass(20_000);
    expect(asked).toBe(1);
    leave();
    answer(IDLE);
    await flush();
    expect(heard).toEqual([]);
    expect(clock.armed).toBe(0);
  });

  test('that cannot be told now is asked for again', async () => {
    const { status } = appliance;
    appliance.status = async () => {
      throw new Error('no');
    };
    const { heard } = watch();
    await pass(1000);
    appliance.status = status;
    await pass(5000);
    expect(heard).toEqual([IDLE]);
  });
});
