import { describe, expect, it } from 'vitest';
import { held, MountError } from '../../services/devices/holds.ts';
import { block, mountPoint, volume } from './memory.ts';
import { started } from './plugged.ts';

describe('a card that is held', () => {
  async function withCard() {
    const one = await started();
    const card = one.machine.plug(block('sda1'), { camera: true });
    await one.news();
    const [attached] = one.service.attached.cards;
    if (attached === undefined) throw new Error('no card');
    return { ...one, card, id: attached.id };
  }

  it('is mounted until the last one lets go, and stays attached', async () => {
    const { machine, service, card, id, news } = await withCard();
    const first = await service.hold(id);
    const second = await service.hold(id);
    await first();
    await first();
    expect(machine.mounted.has(card.key)).toBe(true);
    await second();
    expect(machine.mounted.has(card.key)).toBe(false);
    expect(await news()).toEqual([]);
    expect(service.attached.cards).toHaveLength(1);
    await service.stop();
  });

  it('is mounted again at the same place', async () => {
    const { machine, service, card, id } = await withCard();
    await (await service.hold(id))();
    const release = await service.hold(id);
    expect(machine.contents.get(mountPoint(card.key))).toMatchObject({ camera: true, readOnly: true });
    await release();
    await service.stop();
  });

  it.each([
    ['gone', true],
    ['failed', false],
  ] as const)('that is %s cannot be held', async (trouble, gone) => {
    const { machine, service, id } = await withCard();
    machine.trouble = { mountCard: trouble };
    await expect(service.hold(id)).rejects.toMatchObject({ name: 'MountError', gone });
    machine.trouble = {};
    await (await service.hold(id))();
    expect(machine.mounted.size).toBe(0);
    await service.stop();
  });

  it('that cannot be unmounted is told', async () => {
    const { machine, service, id, warnings } = await withCard();
    const release = await service.hold(id);
    machine.trouble = { unmount: 'failed' };
    await release();
    expect(warnings).toEqual(['SDA1 could not be unmounted: failed']);
    await service.stop();
  });

  it('that somebody else mounted is left where it is', async () => {
    const { machine, service, news } = await started();
    machine.mount(volume('SD1'), { camera: true });
    await news();
    const [card] = service.attached.cards;
    if (card === undefined) throw new Error('no card');
    await (await service.hold(card.id))();
    expect(machine.mountCalls).toEqual([]);
    await service.stop();
  });
});

describe('long work on a card', () => {
  const work = async function* () {
    yield 1;
    yield 2;
  };

  it('holds it from the first message to the last, or until nobody listens', async () => {
    const calls: string[] = [];
    const hold = async () => {
      calls.push('hold');
      return async () => void calls.push('release');
    };
    const all: number[] = [];
    for await (const message of held(hold, work())) all.push(message);
    expect([all, calls]).toEqual([
      [1, 2],
      ['hold', 'release'],
    ]);
    for await (const _ of held(hold, work())) break;
    expect(calls).toEqual(['hold', 'release', 'hold', 'release']);
  });

  it('that cannot be mounted ends with one clear line', async () => {
    const hold = () => Promise.reject(new MountError('SD1: busy', false));
    const first = held(hold, work()).next();
    await expect(first).rejects.toMatchObject({ exitCode: 74, code: 'mount-failed', message: 'SD1: busy' });
  });
});
