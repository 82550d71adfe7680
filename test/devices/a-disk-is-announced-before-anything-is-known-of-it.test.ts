import { describe, expect, it } from 'vitest';
import { block } from './memory.ts';
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
