import { describe, expect, it } from 'vitest';
import { bench, block, identity, mountPoint, volume } from './memory.ts';
import { JOURNAL, OURS, started } from './plugged.ts';

describe('a card that somebody else mounted', () => {
  const listed = (key: string, more = {}) => volume('SD1', { block: key, ...more });

  it('is used where it is, and not mounted again', async () => {
    const { machine, service, facts, news } = await started();
    const card = block('sda1');
    machine.contents.set('/media/SD1', { camera: true });
    machine.volumes$.next([listed(card.key)]);
    machine.blocks$.next([card]);
    await news();
    expect(facts.find((fact) => fact.type === 'CardAttached')).toMatchObject({
      card: { path: '/media/SD1' },
    });
    expect(machine.mountCalls).toEqual([]);
    await service.stop();
  });

  it('and lets go of it is a device of which nothing is known, until it goes', async () => {
    const { machine, service, news } = await started();
    const card = block('sda1');
    machine.contents.set('/media/SD1', { camera: true });
    machine.volumes$.next([listed(card.key)]);
    machine.blocks$.next([card]);
    await news();
    machine.volumes$.next([]);
    expect(await news()).toEqual(['DeviceAnnounced /dev/sda1', 'CardDetached uuid-SD1+64000000000']);
    machine.blocks$.next([]);
    expect(await news()).toEqual(['DeviceSettled /dev/sda1']);
    await service.stop();
  });

  it('writable beside our mount has to be backed up again', async () => {
    const { machine, service, news } = await started();
    const card = machine.plug(block('sda1'), { camera: true });
    await news();
    machine.contents.set('/media/SD1', { camera: true });
    machine.volumes$.next([listed(card.key)]);
    expect((await news()).filter((fact) => fact.startsWith('Card'))).toEqual([
      'CardDetached uuid-sda1+64000000000',
      'CardAttached SD1 auto',
    ]);
    await service.stop();
  });

  it('read-only beside our mount changes nothing', async () => {
    const { machine, service, news } = await started();
    const card = machine.plug(block('sda1'), { camera: true });
    await news();
    machine.contents.set('/media/SD1', { camera: true });
    machine.volumes$.next([listed(card.key, { readOnly: true })]);
    expect(await news()).toEqual([]);
    await service.stop();
  });
});

describe('a volume that the helper mounted for an earlier daemon', () => {
  it('is asked for again: the mount may be of the medium that was in the slot before', async () => {
    const { machine, service, news } = bench();
    const card = block('sda1');
    machine.media.set(card.key, { camera: true });
    machine.blocks$.next([card]);
    // What stands there is of a drive that was pulled while no daemon ran.
    const stale = { identity: identity('d9', 'uuid-old') };
    machine.contents.set(mountPoint(card.key), stale);
    machine.volumes$.next([volume('sda1', { path: mountPoint(card.key), block: card.key })]);
    const { mountCard } = machine.helper;
    // The real one compares its note with the sequence number of the disk.
    machine.helper.mountCard = async (target) => {
      machine.contents.delete(mountPoint(card.key));
      return mountCard(target);
    };
    await service.start();
    expect(await news()).toContain('CardAttached SDA1 auto');
    expect(machine.mountCalls).toEqual([`mountCard ${card.key}`]);
    await service.stop();
  });

  it('is not asked for when it belongs to the system', async () => {
    const { machine, service, news } = bench();
    const disk = block('sda1', { system: true });
    machine.contents.set('/media/imagetank/sda1', {});
    machine.blocks$.next([disk]);
    machine.volumes$.next([volume('sda1', { path: '/media/imagetank/sda1', block: disk.key, system: true })]);
    await service.start();
    expect(await news()).toEqual([]);
    expect(machine.mountCalls).toEqual([]);
    await service.stop();
  });
});

describe('a mount point on which this process sees no mount', () => {
  it('is no empty card: the device is refused', async () => {
    const { machine, service, facts, news } = await started({ settings: { auto: 'any' } });
    machine.isBlind = true;
    machine.plug(block('sda1'), {});
    expect(await news()).toEqual([
      'DeviceAnnounced /dev/sda1',
      'CardRefused /dev/sda1 mount-failed',
      'DeviceSettled /dev/sda1',
    ]);
    expect(facts).toContainEqual(
      expect.objectContaining({ detail: expect.stringContaining('not seen here') }),
    );
    await service.stop();
  });

  it('is no drive', async () => {
    const { machine, service, news } = await started({ journal: JOURNAL });
    machine.isBlind = true;
    machine.plug(block('disk', { removable: false }), OURS);
    expect(await news()).toContain('DriveFailed d1 drive-not-writable');
    await service.stop();
  });

  it('is not read as a card that is held', async () => {
    const { machine, service, news } = await started();
    machine.plug(block('sda1'), { camera: true });
    await news();
    const [card] = service.attached.cards;
    if (card === undefined) throw new Error('no card');
    machine.isBlind = true;
    await expect(service.hold(card.id)).rejects.toMatchObject({ name: 'MountError', gone: false });
    machine.isBlind = false;
    await (await service.hold(card.id))();
    await service.stop();
  });
});

describe('a disk that somebody mounted elsewhere', () => {
  it('is none of our business: neither announced, nor mounted, nor refused', async () => {
    const { machine, service, news } = await started();
    machine.plug(block('sda1', { inUse: true }), { camera: true });
    expect(await news()).toEqual([]);
    expect(machine.mountCalls).toEqual([]);
    await service.stop();
  });

  it('although it was a card of ours is unmounted by us, and a device of which nothing is known', async () => {
    const { machine, service, news } = await started();
    const card = machine.plug(block('sda1'), { camera: true });
    await news();
    machine.blocks$.next([{ ...card, inUse: true }]);
    expect(await news()).toEqual(['DeviceAnnounced /dev/sda1', 'CardDetached uuid-sda1+64000000000']);
    expect(machine.mountCalls.at(-1)).toBe(`unmount ${card.key}`);
    machine.blocks$.next([card]);
    expect(await news()).toEqual(['CardAttached SDA1 auto', 'DeviceSettled /dev/sda1']);
    await service.stop();
  });

  it('beside a partition that is listed below the roots leaves that one alone', async () => {
    const { machine, service, news } = await started();
    const card = block('sda1', { inUse: true });
    machine.contents.set('/media/SD1', { camera: true });
    machine.volumes$.next([volume('SD1', { block: card.key })]);
    machine.blocks$.next([card]);
    expect(await news()).toContain('CardAttached SD1 auto');
    await service.stop();
  });
});
