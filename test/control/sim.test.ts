import { beforeEach, describe, expect, test } from 'vitest';
import { Sim } from '../../services/control/sim.ts';
import { card, drive } from '../machines/story.ts';
import { VirtualClock } from '../runtime/kit.ts';
import { ScriptedDevices } from './kit.ts';

let devices: ScriptedDevices;
let clock: VirtualClock;
let edges: string[];
let sim: Sim;
beforeEach(() => {
  devices = new ScriptedDevices();
  clock = new VirtualClock();
  edges = [];
  sim = new Sim(
    devices,
    { press: () => void edges.push('press'), release: () => void edges.push('release') },
    clock,
  );
});

describe('cards and drives', () => {
  test('a folder is inserted as a card that starts by itself', async () => {
    expect(await sim.insert('/a', 'SD')).toEqual({ id: '/a' });
    expect(devices.calls).toEqual(['attach /a SD auto']);
    expect(devices.attached.cards).toMatchObject([{ label: 'SD' }]);
  });

  test('the only card is removed without a word', async () => {
    await sim.insert('/a', null);
    await sim.remove(null);
    expect(devices.attached.cards).toEqual([]);
  });

  test.each(['/b', 'b'])('one of two is removed by %s', async (word) => {
    await sim.insert('/a', null);
    await sim.insert('/b', null);
    await sim.remove(word);
    expect(devices.attached.cards).toMatchObject([{ path: '/a' }]);
  });

  test('removing is refused when nothing fits or two do', async () => {
    await expect(sim.remove(null)).rejects.toMatchObject({ exitCode: 66 });
    devices.insert(card('A'));
    devices.insert(card('B'));
    await expect(sim.remove('/c')).rejects.toMatchObject({ exitCode: 66, message: '/c: no such card' });
    await expect(sim.remove(null)).rejects.toMatchObject({ exitCode: 65 });
    expect(devices.attached.cards).toHaveLength(2);
  });

  test('drives go in and out', async () => {
    devices.plug({ ...drive('N'), id: null, adopted: false });
    expect(await sim.driveIn('/media/N')).toEqual({ id: null, adopted: false });
    await sim.driveOut('/media/N');
    expect(devices.calls).toEqual(['drive in /media/N', 'drive out /media/N']);
    expect(devices.drives).toEqual([]);
  });
});

describe('the button', () => {
  test('is pressed shortly', async () => {
    const pressed = sim.press();
    expect(edges).toEqual(['press']);
    clock.advance(99);
    expect(edges).toEqual(['press']);
    clock.advance(1);
    await pressed;
    expect(edges).toEqual(['press', 'release']);
  });

  test.each([0, 2500, 60_000])('is held for %d ms', async (ms) => {
    const held = sim.hold(ms);
    clock.advance(ms - 1);
    expect(edges).toEqual(['press']);
    clock.advance(1);
    await held;
    expect(edges).toEqual(['press', 'release']);
  });

  test.each([-1, 60_001, Number.NaN, Number.POSITIVE_INFINITY])('is not held for %d ms', async (ms) => {
    await expect(sim.hold(ms)).rejects.toMatchObject({ exitCode: 64, code: 'bad-duration' });
    expect(edges).toEqual([]);
    expect(clock.armed).toBe(0);
  });
});
