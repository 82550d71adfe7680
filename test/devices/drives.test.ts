import { describe, expect, it } from 'vitest';
import { adopted } from './journal.ts';
import { bench, identity, volume } from './memory.ts';

const OURS = { identity: identity('d1', 'uuid-DISK') };
const JOURNAL = [adopted('d1', 'uuid-DISK')];

describe('drives', () => {
  it('are attached when both proofs agree, and detached when they go', async () => {
    const { machine, service, facts, news } = bench({ journal: JOURNAL });
    await service.start();
    const disk = machine.mount(volume('DISK'), OURS);
    await news();
    expect(facts.find((fact) => fact.type === 'DriveAttached')).toEqual({
      type: 'DriveAttached',
      drive: {
        id: 'd1',
        label: 'DISK',
        uuid: 'uuid-DISK',
        path: '/media/DISK',
        kind: 'volume',
        sizeBytes: 64e9,
        fsType: 'exfat',
        hardware: null,
        adopted: true,
        writable: true,
      },
    });
    machine.unmount(disk);
    expect(await news()).toEqual(['DriveDetached d1']);
    await service.stop();
  });

  it('of another imagetank are shown, with their id, and never written or taken for cards', async () => {
    const { machine, service, facts, news } = bench({ settings: { auto: 'any' } });
    await service.start();
    machine.mount(volume('DISK'), { ...OURS, camera: true });
    machine.mount(volume('IMAGETANK'));
    await news();
    expect(facts.every((fact) => fact.type.startsWith('Device'))).toBe(true);
    expect(service.attached.cards).toEqual([]);
    expect(service.attached.drives).toMatchObject([
      { id: 'd1', adopted: false, label: 'DISK' },
      { id: null, adopted: false, label: 'IMAGETANK' },
    ]);
    expect(machine.writes).toEqual([]);
    await service.stop();
  });

  it('that cannot be written are attached as such, with error 7', async () => {
    const { machine, service, facts, news } = bench({ journal: JOURNAL });
    machine.mount(volume('DISK'), { ...OURS, readOnly: true });
    await service.start();
    expect(await news()).toContain('DriveFailed d1 drive-not-writable');
    expect(facts).toContainEqual(
      expect.objectContaining({ type: 'DriveAttached', drive: expect.objectContaining({ writable: false }) }),
    );
    await service.stop();
  });

  it('that become read-only are detached and come back as what they are', async () => {
    const { machine, service, news } = bench({ journal: JOURNAL });
    const disk = machine.mount(volume('DISK'), OURS);
    await service.start();
    await news();
    machine.contents.set(disk.path, { ...OURS, readOnly: true });
    machine.volumes$.next([{ ...disk, readOnly: true }]);
    const after = (await news()).filter((fact) => fact.startsWith('Drive'));
    expect(after).toEqual(['DriveDetached d1', 'DriveAttached d1', 'DriveFailed d1 drive-not-writable']);
    await service.stop();
  });

  it('with one id are both kept back, and the one that stays comes back', async () => {
    const { machine, service, news } = bench({ journal: JOURNAL });
    machine.mount(volume('DISK'), OURS);
    await service.start();
    await news();
    const clone = machine.mount(volume('CLONE', { uuid: 'uuid-DISK' }), OURS);
    expect((await news()).filter((fact) => fact.startsWith('Drive'))).toEqual([
      'DriveFailed d1 drive-id-clash',
      'DriveDetached d1',
    ]);
    expect(service.attached.drives.map((drive) => drive.label)).toEqual(['DISK', 'CLONE']);
    // Said once, not with every change.
    machine.mount(volume('SD1'), { camera: true });
    expect((await news()).filter((fact) => fact.startsWith('Drive'))).toEqual([]);
    machine.unmount(clone);
    expect(await news()).toEqual(['DriveAttached d1']);
    await service.stop();
  });

  it('with one id clash from the start, and also when only one of them was adopted', async () => {
    const { machine, service, news } = bench({ journal: JOURNAL });
    machine.mount(volume('DISK'), OURS);
    machine.mount(volume('OTHER'), OURS);
    await service.start();
    expect((await news()).filter((fact) => fact.startsWith('Drive'))).toEqual([
      'DriveFailed d1 drive-id-clash',
    ]);
    await service.stop();
  });

  it('of others with one id are nobody’s business', async () => {
    const { machine, service, news } = bench();
    machine.mount(volume('DISK'), OURS);
    machine.mount(volume('OTHER'), OURS);
    await service.start();
    expect((await news()).filter((fact) => fact.startsWith('Drive'))).toEqual([]);
    await service.stop();
  });
});

describe('configured drives', () => {
  it('are adopted when first seen, before any card is reported', async () => {
    const { machine, service, news } = bench({ settings: { drives: ['DISK', 'UUID-two'] } });
    machine.mount(volume('SD1'), { camera: true });
    machine.mount(volume('DISK'));
    machine.mount(volume('two'), { identity: identity('theirs', 'uuid-two') });
    await service.start();
    expect((await news()).filter((fact) => !fact.startsWith('Device'))).toEqual([
      'DriveAdopted id-1',
      'DriveAdopted theirs',
      'DriveAttached id-1',
      'DriveAttached theirs',
      'CardAttached SD1 auto',
    ]);
    expect(machine.writes).toEqual(['/media/DISK']);
    await service.stop();
  });

  it('are adopted also when they arrive together with a card later', async () => {
    const { machine, service, news } = bench({ settings: { drives: ['DISK'] } });
    await service.start();
    const both = [volume('SD1'), volume('DISK')];
    machine.contents.set('/media/SD1', { camera: true });
    machine.contents.set('/media/DISK', {});
    machine.volumes$.next(both);
    expect((await news()).filter((fact) => !fact.startsWith('Device'))).toEqual([
      'CardAttached SD1 auto',
      'DriveAdopted id-1',
      'DriveAttached id-1',
    ]);
    await service.stop();
  });

  it('that cannot be written stay candidates until they are mounted anew', async () => {
    const { machine, service, news } = bench({ settings: { drives: ['DISK'] } });
    machine.writeError = new Error('ENOSPC');
    const disk = machine.mount(volume('DISK'));
    await service.start();
    expect(service.attached.drives).toMatchObject([{ id: null, adopted: false }]);
    machine.writeError = null;
    machine.mount(volume('SD1'), { camera: true });
    await news();
    expect(machine.writes).toEqual([]);
    machine.unmount(disk);
    await news();
    machine.mount(volume('DISK'));
    expect(await news()).toContain('DriveAttached id-2');
    await service.stop();
  });

  it('that were forgotten are not adopted again', async () => {
    const { machine, service, news } = bench({ settings: { drives: ['DISK'] } });
    const disk = machine.mount(volume('DISK'));
    await service.start();
    await service.forget('DISK');
    const { identity: left } = machine.contents.get(disk.path) ?? {};
    machine.unmount(disk);
    await news();
    machine.mount(volume('DISK'), left === undefined ? {} : { identity: left });
    expect(await news()).toEqual(['DeviceAnnounced /dev/DISK', 'DeviceSettled /dev/DISK']);
    await service.stop();
  });
});

describe('forget and eject', () => {
  it('forgets an attached drive: detached first, then a stranger', async () => {
    const { machine, service, news } = bench({ journal: JOURNAL });
    machine.mount(volume('DISK'), OURS);
    await service.start();
    await news();
    expect(await service.forget('uuid-disk')).toMatchObject({ id: 'd1', adopted: false });
    expect(await news()).toEqual(['DriveDetached d1', 'DriveForgotten d1']);
    expect(service.attached.drives).toMatchObject([{ id: 'd1', adopted: false }]);
    await expect(service.forget('DISK')).rejects.toMatchObject({ exitCode: 66 });
    await service.stop();
  });

  it.each(['d2', 'label-d2', 'uuid-d2', '/media/d2'])('forgets an absent drive by %s', async (target) => {
    const { service, news } = bench({ journal: [...JOURNAL, adopted('d2', 'uuid-d2')] });
    await service.start();
    expect(await service.forget(target)).toMatchObject({ id: 'd2', adopted: false });
    expect(await news()).toEqual(['DriveForgotten d2']);
    await service.stop();
  });

  it('asks which one when absent drives share a label', async () => {
    const twin = adopted('d2', 'uuid-2');
    const journal = twin.type === 'DriveAdopted' && [
      ...JOURNAL,
      { ...twin, drive: { ...twin.drive, label: 'label-d1' } },
    ];
    const { service } = bench({ journal: journal || [] });
    await service.start();
    await expect(service.forget('label-d1')).rejects.toMatchObject({ code: 'ambiguous', exitCode: 65 });
    await service.stop();
  });

  it('leaves an ejected drive alone until it is mounted anew', async () => {
    const { machine, service, news } = bench({ journal: JOURNAL });
    const disk = machine.mount(volume('DISK'), OURS);
    await service.start();
    await news();
    expect(await service.detachDrive('d1')).toMatchObject({ id: 'd1', label: 'DISK' });
    expect(await news()).toEqual(['DriveDetached d1']);
    expect(service.attached.drives).toEqual([]);
    machine.mount(volume('SD1'));
    expect((await news()).filter((fact) => fact.startsWith('Drive'))).toEqual([]);
    machine.unmount(disk);
    await news();
    machine.mount(volume('DISK'), OURS);
    expect(await news()).toContain('DriveAttached d1');
    await service.stop();
  });

  it('stays ejected when the volume is only remounted read-only', async () => {
    const { machine, service, news } = bench({ journal: JOURNAL });
    const disk = machine.mount(volume('DISK'), OURS);
    await service.start();
    await service.detachDrive('DISK');
    await news();
    machine.volumes$.next([{ ...disk, readOnly: true }]);
    expect((await news()).filter((fact) => fact.startsWith('Drive'))).toEqual([]);
    await service.stop();
  });

  it('brings an ejected volume back when its owner names it', async () => {
    const { machine, service, news } = bench({ journal: JOURNAL });
    machine.mount(volume('DISK'), OURS);
    machine.mount(volume('SD1'), { camera: true });
    await service.start();
    await service.detachDrive('DISK');
    const [card] = service.attached.cards;
    if (card !== undefined) await service.detachCard(card.id);
    await news();
    await service.attachFolderDrive('/media/DISK');
    expect(await service.attachFolderCard('/media/SD1', null, 'manual')).toEqual(card);
    expect(await news()).toEqual(['DriveAttached d1', 'CardAttached SD1 auto']);
    await service.stop();
  });

  it('ejects a card the same way', async () => {
    const { machine, service, news } = bench();
    machine.mount(volume('SD1'), { camera: true });
    await service.start();
    await news();
    const id = service.attached.cards[0]!.id;
    await service.detachCard(id);
    expect(await news()).toEqual([`CardDetached ${id}`]);
    await expect(service.detachCard(id)).rejects.toMatchObject({ code: 'no-such-card', exitCode: 66 });
    await expect(service.detachDrive('SD1')).rejects.toMatchObject({ code: 'no-such-drive', exitCode: 66 });
    await service.stop();
  });
});
