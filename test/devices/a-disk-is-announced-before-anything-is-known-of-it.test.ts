import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { block, identity, volume } from './memory.ts';
import { JOURNAL, OURS, started } from './plugged.ts';

describe('what is no business of ours', () => {
  it.each([
    ['part of the system', { system: true }],
    ['a fixed disk', { removable: false }],
  ])('%s is neither announced nor mounted', async (_, more) => {
    const { machine, service, news } = await started();
    machine.plug(block('sda1', more), { camera: true });
    expect(await news()).toEqual([]);
    expect(machine.mountCalls).toEqual([]);
    await service.stop();
  });

  it('an adopted drive on a fixed disk is ours', async () => {
    const { machine, service, news } = await started({ journal: JOURNAL });
    machine.plug(block('disk', { removable: false }), OURS);
    expect(await news()).toContain('DriveAttached d1');
    await service.stop();
  });
});

describe('a disk that the kernel announced', () => {
  it('is announced before anything is known of it, and settled after its partitions were announced', async () => {
    const { machine, service, news } = await started();
    machine.announced$.next(['/dev/sda']);
    expect(await news()).toEqual(['DeviceAnnounced /dev/sda']);
    const card = block('sda1');
    machine.media.set(card.key, { camera: true });
    machine.blocks$.next([card]);
    machine.announced$.next([]);
    expect(await news()).toEqual([
      'DeviceAnnounced /dev/sda1',
      'DeviceSettled /dev/sda',
      'CardAttached SDA1 auto',
      'DeviceSettled /dev/sda1',
    ]);
    await service.stop();
  });

  it('is settled when it goes before anybody knew what it was', async () => {
    const { machine, service, news } = await started();
    machine.announced$.next(['/dev/sda']);
    machine.announced$.next([]);
    expect(await news()).toEqual(['DeviceAnnounced /dev/sda', 'DeviceSettled /dev/sda']);
    await service.stop();
  });
});

describe('a drive that is not ours with a camera’s folders on it', () => {
  it('stays announced until it is adopted or gone: its photos may be nowhere else', async () => {
    const { machine, service, news } = await started();
    const disk = machine.plug(block('disk'), { camera: true, identity: identity('d9', 'uuid-disk') });
    expect(await news()).toEqual(['DeviceAnnounced /dev/disk']);
    await service.adopt('DISK', { force: true });
    expect((await news()).at(-1)).toBe('DeviceSettled /dev/disk');
    machine.pull(disk);
    machine.plug(block('disk'), { camera: true, identity: identity('d8', 'uuid-disk') });
    await news();
    machine.blocks$.next([]);
    expect(await news()).toEqual(['DeviceSettled /dev/disk']);
    await service.stop();
  });
});

describe('a volume that nobody could mount', () => {
  it('is tried again now and then, because the helper may be installed since', async () => {
    const review$ = new Subject<void>();
    const { machine, service, news } = await started({ review$ });
    machine.trouble = { mountCard: 'unavailable' };
    machine.plug(block('sda1'), { camera: true });
    await news();
    const reviews = async (times: number) => {
      for (let turn = 0; turn < times; turn += 1) {
        review$.next();
        await news();
      }
    };
    await reviews(9);
    expect(machine.mountCalls).toHaveLength(1);
    await reviews(1);
    expect(machine.mountCalls).toHaveLength(2);
    machine.trouble = {};
    await reviews(10);
    expect(service.attached.cards).toHaveLength(1);
    await service.stop();
  });

  it('because its owner let go of it is left alone', async () => {
    const review$ = new Subject<void>();
    const { machine, service, news } = await started({ review$ });
    const card = block('sda1');
    machine.contents.set('/media/SD1', { camera: true });
    machine.volumes$.next([volume('SD1', { block: card.key })]);
    machine.blocks$.next([card]);
    await news();
    machine.volumes$.next([]);
    await news();
    for (let turn = 0; turn < 20; turn += 1) {
      review$.next();
      await news();
    }
    expect(machine.mountCalls).toEqual([]);
    await service.stop();
  });
});
