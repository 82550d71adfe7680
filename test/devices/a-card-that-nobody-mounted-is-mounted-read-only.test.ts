import { describe, expect, it } from 'vitest';
import { bench, block, mountPoint, volume } from './memory.ts';
import { started } from './plugged.ts';

describe('a card that nobody mounted', () => {
  it('is announced, mounted read-only, looked at, and then settled', async () => {
    const { machine, service, news } = await started();
    const card = machine.plug(block('sda1'), { camera: true });
    expect(await news()).toEqual([
      'DeviceAnnounced /dev/sda1',
      'CardAttached SDA1 auto',
      'DeviceSettled /dev/sda1',
    ]);
    expect(machine.mountCalls).toEqual([`mountCard ${card.key}`]);
    await service.stop();
  });

  it('tells where it is plugged in', async () => {
    const { machine, service, facts, news } = await started();
    const card = machine.plug(block('sda1'), { camera: true });
    await news();
    expect(facts).toContainEqual(
      expect.objectContaining({
        type: 'CardAttached',
        card: expect.objectContaining({
          path: mountPoint(card.key),
          readOnly: true,
          fsType: 'exfat',
          hardware: card.hardware,
        }),
      }),
    );
    await service.stop();
  });

  it('is found when it was there before the start', async () => {
    const one = bench();
    one.machine.plug(block('sda1'), { camera: true });
    await one.service.start();
    expect(await one.news()).toEqual([
      'DeviceAnnounced /dev/sda1',
      'CardAttached SDA1 auto',
      'DeviceSettled /dev/sda1',
    ]);
    await one.service.stop();
  });

  it('is one card although two slots of one reader hold clones of it', async () => {
    const { machine, service, news } = await started();
    machine.plug(block('sda1', { uuid: 'same' }), { camera: true });
    machine.plug(block('sdb1', { uuid: 'same' }), { camera: true });
    await news();
    const ids = service.attached.cards.map((card) => card.id);
    expect(ids).toEqual(['same+64000000000', 'insertion-id-1']);
    await service.stop();
  });

  it('is detached at once when it is pulled, and what the helper mounted is cleaned up', async () => {
    const { machine, service, news } = await started();
    const card = machine.plug(block('sda1'), { camera: true });
    await news();
    machine.pull(card);
    expect(await news()).toEqual(['CardDetached uuid-sda1+64000000000']);
    expect(machine.mountCalls.at(-1)).toBe(`unmount ${card.key}`);
    await service.stop();
  });

  it('is a new insertion when it was swapped in its slot', async () => {
    const { machine, service, news } = await started();
    const before = machine.plug(block('sda1', { uuid: 'one' }), { camera: true });
    await news();
    const after = block('sda1', { uuid: 'two' });
    machine.media.set(after.key, { camera: true });
    machine.blocks$.next([after]);
    expect(await news()).toEqual([
      'DeviceAnnounced /dev/sda1',
      'CardDetached one+64000000000',
      'CardAttached SDA1 auto',
      'DeviceSettled /dev/sda1',
    ]);
    expect(before.key).not.toBe(after.key);
    await service.stop();
  });

  it('is refused with words when it cannot be mounted, and told when it goes', async () => {
    const { machine, service, facts, news } = await started();
    machine.trouble = { mountCard: 'failed' };
    const card = machine.plug(block('sda1'), {});
    expect(await news()).toEqual([
      'DeviceAnnounced /dev/sda1',
      'CardRefused /dev/sda1 mount-failed',
      'DeviceSettled /dev/sda1',
    ]);
    expect(facts.find((fact) => fact.type === 'CardRefused')).toMatchObject({
      detail: expect.stringMatching(/fsck/),
    });
    machine.pull(card);
    expect(await news()).toEqual(['DeviceDetached']);
    await service.stop();
  });

  it('that was refused is unmounted when it goes: an answer that came too late is a mount all the same', async () => {
    const { machine, service, news } = await started();
    machine.trouble = { mountCard: 'failed' };
    const card = machine.plug(block('sda1'), {});
    await news();
    machine.pull(card);
    await news();
    expect(machine.mountCalls).toEqual([`mountCard ${card.key}`, `unmount ${card.key}`]);
    await service.stop();
  });

  it('is refused without asking when no file system is recognised', async () => {
    const { machine, service, news } = await started();
    machine.plug(block('sda1', { fsType: null }));
    expect(await news()).toContain('CardRefused /dev/sda1 mount-failed');
    expect(machine.mountCalls).toEqual([]);
    await service.stop();
  });

  it.each(['unavailable', 'gone'] as const)('stays announced while the helper says %s', async (trouble) => {
    const { machine, service, news } = await started();
    machine.trouble = { mountCard: trouble };
    const card = machine.plug(block('sda1'), { camera: true });
    expect(await news()).toEqual(['DeviceAnnounced /dev/sda1']);
    machine.pull(card);
    expect(await news()).toEqual(['DeviceSettled /dev/sda1']);
    await service.stop();
  });

  it('that waits is a card as soon as somebody mounts it', async () => {
    const { machine, service, news } = await started();
    machine.trouble = { mountCard: 'unavailable' };
    const card = machine.plug(block('sda1'), { camera: true });
    await news();
    machine.mount(volume('sda1', { block: card.key }), { camera: true });
    expect(await news()).toEqual(['CardAttached sda1 auto', 'DeviceSettled /dev/sda1']);
    await service.stop();
  });

  it('that was pulled while it was mounted is unmounted again and never a card', async () => {
    const { machine, service, news } = await started();
    let mounted = () => {};
    const slow = new Promise<void>((resolve) => {
      mounted = resolve;
    });
    const { mountCard } = machine.helper;
    Object.assign(machine.helper, {
      mountCard: async (target: { node: string; key: string }) => {
        const answer = await mountCard(target);
        await slow;
        return answer;
      },
    });
    const card = machine.plug(block('sda1'), { camera: true });
    await news();
    machine.pull(card);
    expect(await news()).toEqual(['DeviceSettled /dev/sda1']);
    mounted();
    expect(await news()).toEqual([]);
    expect(machine.mountCalls.at(-1)).toBe(`unmount ${card.key}`);
    await service.stop();
  });

  it('does not delay others while it does not answer', async () => {
    const { machine, service, news } = await started();
    machine.plug(block('sda1'), { hangs: true });
    await news();
    machine.plug(block('sdb1'), { camera: true });
    expect(await news()).toContain('CardAttached SDB1 auto');
    await service.stop();
  });
});

it('leaves nothing mounted after 200 cards came and went', async () => {
  const { machine, service, facts, news } = await started();
  for (let turn = 0; turn < 200; turn += 1) {
    const card = machine.plug(block('sda1'), { camera: true });
    await news();
    machine.pull(card);
    await news();
  }
  const count = (type: string) => facts.filter((fact) => fact.type === type).length;
  expect([count('CardAttached'), count('CardDetached')]).toEqual([200, 200]);
  expect(count('DeviceAnnounced')).toBe(count('DeviceSettled'));
  expect(machine.mounted.size).toBe(0);
  expect(machine.timers.size).toBe(0);
  await service.stop();
});
