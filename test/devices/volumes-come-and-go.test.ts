import { Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { DeviceListing } from '../../services/devices/ports.ts';
import { adopted } from './journal.ts';
import { bench, identity, MemoryMachine, volume } from './memory.ts';

describe('volumes', () => {
  it('reports what is attached before start resolves, drives before cards', async () => {
    const { machine, service, news } = bench({ journal: [adopted('d1', 'uuid-DISK')] });
    machine.mount(volume('SD1'), { camera: true });
    machine.mount(volume('DISK'), { identity: identity('d1', 'uuid-DISK') });
    await service.start();
    expect(await news()).toEqual([
      'DeviceAnnounced /dev/SD1',
      'DeviceAnnounced /dev/DISK',
      'DriveAttached d1',
      'CardAttached SD1 auto',
      'DeviceSettled /dev/SD1',
      'DeviceSettled /dev/DISK',
    ]);
    await service.stop();
  });

  it('tells all about a card', async () => {
    const { machine, service, facts } = bench();
    machine.mount(volume('SD1', { readOnly: true }), { camera: true });
    await service.start();
    expect(facts.find((fact) => fact.type === 'CardAttached')).toEqual({
      type: 'CardAttached',
      start: 'auto',
      card: {
        id: 'uuid-SD1+64000000000',
        label: 'SD1',
        uuid: 'uuid-SD1',
        path: '/media/SD1',
        kind: 'volume',
        sizeBytes: 64e9,
        fsType: 'exfat',
        hardware: null,
        readOnly: true,
      },
    });
    expect(service.attached).toMatchObject({ cards: [{ label: 'SD1' }], drives: [] });
    await service.stop();
  });

  it('reports a card that comes and goes later', async () => {
    const { machine, service, news } = bench();
    await service.start();
    expect(await news()).toEqual([]);
    const card = machine.mount(volume('SD1'), { camera: true });
    expect(await news()).toEqual([
      'DeviceAnnounced /dev/SD1',
      'CardAttached SD1 auto',
      'DeviceSettled /dev/SD1',
    ]);
    machine.unmount(card);
    expect(await news()).toEqual(['CardDetached uuid-SD1+64000000000']);
    expect(service.attached).toEqual({ cards: [], drives: [] });
    await service.stop();
  });

  it('says at once what went while something else is looked at', async () => {
    const { machine, service, news } = bench();
    const card = machine.mount(volume('SD1'), { camera: true });
    await service.start();
    await news();
    const slow = volume('SLOW');
    machine.contents.set(slow.path, { hangs: true });
    machine.contents.delete(card.path);
    machine.volumes$.next([slow]);
    expect(await news()).toEqual(['DeviceAnnounced /dev/SLOW', 'CardDetached uuid-SD1+64000000000']);
    await service.stop();
  });

  it('gives up a volume that does not answer, and refuses it', async () => {
    const { machine, service, news } = bench();
    machine.mount(volume('SLOW'), { hangs: true });
    const started = service.start();
    await news();
    expect(machine.timers.size).toBe(1);
    for (const run of machine.timers) run();
    await started;
    expect(await news()).toEqual(['CardRefused /dev/SLOW card-unreadable', 'DeviceSettled /dev/SLOW']);
    await service.stop();
  });

  it('refuses a card that cannot be listed: silence would leave the light green', async () => {
    const { machine, service, news } = bench();
    const card = machine.mount(volume('BAD'), { unreadable: true });
    await service.start();
    expect(await news()).toContain('CardRefused /dev/BAD card-unreadable');
    machine.mount(volume('SD2'));
    expect((await news()).filter((fact) => fact.startsWith('CardRefused'))).toEqual([]);
    machine.unmount(card);
    machine.mount(volume('BAD'), { unreadable: true });
    expect(await news()).toContain('CardRefused /dev/BAD card-unreadable');
    await service.stop();
  });

  it('does not refuse a card that went away while it was looked at', async () => {
    const { machine, service, news } = bench();
    const card = volume('SD1');
    machine.isMounted = async () => false;
    machine.contents.set(card.path, { unreadable: true });
    machine.volumes$.next([card]);
    await service.start();
    expect(await news()).toEqual(['DeviceAnnounced /dev/SD1']);
    machine.volumes$.next([]);
    expect(await news()).toEqual(['DeviceSettled /dev/SD1']);
    await service.stop();
  });

  it('ignores the system disk silently', async () => {
    const { machine, service, news } = bench();
    machine.mount(volume('boot', { system: true }), { camera: true });
    machine.mount(volume('other', { system: true }), { unreadable: true });
    await service.start();
    expect(await news()).toEqual([]);
    await service.stop();
  });

  it('looks at a volume once, not again when another comes', async () => {
    const { machine, service, news } = bench();
    machine.mount(volume('SD1'), { camera: true });
    await service.start();
    machine.mount(volume('SD2'), { camera: true });
    await news();
    expect(machine.looks).toBe(2);
    await service.stop();
  });

  it('takes a card that was out between two listings for a new insertion', async () => {
    const { machine, service, news } = bench();
    const card = machine.mount(volume('SD1'), { camera: true });
    await service.start();
    await news();
    machine.volumes$.next([{ ...card, mountId: card.mountId + 1000 }]);
    expect(await news()).toEqual([
      'DeviceAnnounced /dev/SD1',
      'CardDetached uuid-SD1+64000000000',
      'CardAttached SD1 auto',
      'DeviceSettled /dev/SD1',
    ]);
    await service.stop();
  });

  it('keeps the id of a card without UUID while it is remounted, and gives a new one at each insertion', async () => {
    const { machine, service, news } = bench();
    const card = machine.mount(volume('SD1', { uuid: null }), { camera: true });
    await service.start();
    const first = service.attached.cards[0]?.id;
    expect(first).toBe('insertion-id-1');
    machine.volumes$.next([{ ...card, readOnly: true }]);
    await news();
    expect(service.attached.cards).toMatchObject([{ id: first, readOnly: true }]);
    machine.volumes$.next([]);
    await news();
    machine.volumes$.next([card]);
    await news();
    expect(service.attached.cards[0]?.id).toBe('insertion-id-2');
    await service.stop();
  });

  it('takes another card in the same mount for another card', async () => {
    const { machine, service, news } = bench();
    const card = machine.mount(volume('SD1', { uuid: null }), { camera: true });
    await service.start();
    machine.volumes$.next([{ ...card, sizeBytes: 32e9 }]);
    await news();
    expect(service.attached.cards[0]?.id).toBe('insertion-id-2');
    await service.stop();
  });

  it('gives an insertion id without a size, and to the clone of an attached card', async () => {
    const { machine, service } = bench();
    machine.mount(volume('SD1'), { camera: true });
    machine.mount(volume('COPY', { uuid: 'uuid-SD1' }), { camera: true });
    machine.mount(volume('NOSIZE', { sizeBytes: null }), { camera: true });
    await service.start();
    const ids = service.attached.cards.map((card) => card.id);
    expect(ids).toEqual(['uuid-SD1+64000000000', 'insertion-id-1', 'insertion-id-2']);
    await service.stop();
  });

  it('names a volume without a label by its mount point', async () => {
    const { machine, service } = bench();
    machine.mount(volume('x', { label: null }));
    machine.mount(volume('y', { label: '' }));
    await service.start();
    expect(service.attached.cards.map((card) => card.label)).toEqual(['x', 'y']);
    await service.stop();
  });

  it('reports only the last of a storm of 1,000 changes', async () => {
    const { machine, service, facts, news } = bench();
    await service.start();
    for (let i = 0; i < 500; i += 1) machine.unmount(machine.mount(volume('SD1'), { camera: true }));
    machine.mount(volume('SD1'), { camera: true });
    await news();
    expect(service.attached.cards).toHaveLength(1);
    expect(facts.filter((fact) => fact.type === 'CardAttached').length).toBeLessThanOrEqual(2);
    await service.stop();
  });

  it('leaks nothing when a card is inserted and removed 200 times', async () => {
    const { machine, service, facts, news } = bench();
    await service.start();
    for (let i = 0; i < 200; i += 1) {
      const card = machine.mount(volume('SD1'), { camera: true });
      await news();
      machine.unmount(card);
      await news();
    }
    expect(facts.filter((fact) => fact.type === 'CardAttached')).toHaveLength(200);
    expect(facts.filter((fact) => fact.type === 'CardDetached')).toHaveLength(200);
    expect(service.attached).toEqual({ cards: [], drives: [] });
    expect(machine.timers.size).toBe(0);
    await service.stop();
    expect(machine.volumes$.observed).toBe(false);
  });
});

describe('listings that fail', () => {
  it('reject the start', async () => {
    const { service, broken } = bench({ listing$: throwError(() => new Error('no /proc')) });
    await expect(service.start()).rejects.toThrow('no /proc');
    expect(broken).toEqual(['no /proc']);
    await service.stop();
  });

  it('break the stream of facts later: an error that can be acknowledged would be green afterwards', async () => {
    const listing$ = new Subject<DeviceListing>();
    const { service, facts, broken } = bench({ listing$ });
    const started = service.start();
    listing$.next({ announced: [], blocks: [], mounts: [] });
    await started;
    listing$.error(new Error('gone'));
    expect(broken).toEqual(['gone']);
    expect(facts).toEqual([]);
    await service.stop();
  });

  it('break it when a port breaks its word', async () => {
    const machine = new MemoryMachine();
    machine.isMounted = () => Promise.reject(new Error('broken port'));
    machine.mount(volume('BAD'), { unreadable: true });
    const { service, broken } = bench({ machine });
    await service.start();
    expect(broken).toEqual(['broken port']);
    await service.stop();
  });
});
