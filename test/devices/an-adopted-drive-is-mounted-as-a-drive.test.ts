import { describe, expect, it } from 'vitest';
import { block, identity, mountPoint, volume } from './memory.ts';
import { JOURNAL, OURS, started } from './plugged.ts';

describe('an adopted drive that nobody mounted', () => {
  it('is looked at read-only before it is mounted as a drive', async () => {
    const { machine, service, news } = await started({ journal: JOURNAL });
    const disk = machine.plug(block('disk'), OURS);
    expect(await news()).toEqual([
      'DeviceAnnounced /dev/disk',
      'DriveAttached d1',
      'DeviceSettled /dev/disk',
    ]);
    expect(machine.mountCalls).toEqual([`mountCard ${disk.key}`, `mountDrive ${disk.key}`]);
    await service.stop();
  });

  it('on a fixed disk, which may not be mounted as a card, is mounted as a drive at once', async () => {
    const { machine, service, news } = await started({ journal: JOURNAL });
    const disk = machine.plug(block('disk', { removable: false }), OURS);
    expect(await news()).toContain('DriveAttached d1');
    expect(machine.mountCalls).toEqual([`mountDrive ${disk.key}`]);
    await service.stop();
  });

  it.each([
    ['no drive.json', {}],
    ['the drive.json of another', { identity: identity('d2', 'uuid-disk') }],
  ])('is a card that is never mounted writable when it holds a camera’s folders and %s', async (_, more) => {
    const { machine, service, facts, news } = await started({ journal: JOURNAL });
    // Some cameras number all their cards alike.
    const card = machine.plug(block('disk'), { camera: true, ...more });
    await news();
    expect(machine.mountCalls).toEqual([`mountCard ${card.key}`]);
    expect(machine.drives).toEqual([]);
    expect(facts.some((fact) => fact.type === 'DriveAttached')).toBe(false);
    await service.stop();
  });

  it('that cannot be read as a card is asked for as a drive, whose answer says what mends it', async () => {
    const { machine, service, facts, news } = await started({ journal: JOURNAL });
    machine.trouble = { mountCard: 'failed', mountDrive: 'needs-repair' };
    machine.plug(block('disk'), OURS);
    await news();
    expect(facts.find((fact) => fact.type === 'DriveFailed')).toMatchObject({
      detail: expect.stringMatching(/sudo fsck/),
    });
    await service.stop();
  });

  it('is known by its drive.json after it was resized', async () => {
    const { machine, service, news } = await started({ journal: JOURNAL });
    const disk = machine.plug(block('disk', { sizeBytes: 128e9 }), OURS);
    expect(await news()).toContain('DriveAttached d1');
    expect(machine.mountCalls).toEqual([`mountCard ${disk.key}`, `mountDrive ${disk.key}`]);
    await service.stop();
  });

  it('is mounted as one that an earlier daemon left mounted as a card', async () => {
    const { machine, service, news } = await started({ journal: JOURNAL });
    const disk = block('disk');
    machine.media.set(disk.key, OURS);
    machine.blocks$.next([disk]);
    machine.volumes$.next([volume('disk', { path: mountPoint(disk.key), block: disk.key, readOnly: true })]);
    await news();
    expect(service.attached.drives).toMatchObject([{ id: 'd1', writable: true }]);
    await service.stop();
  });

  it('that will not mount fails with the command that repairs it', async () => {
    const { machine, service, facts, news } = await started({ journal: JOURNAL });
    machine.trouble = { mountDrive: 'needs-repair' };
    const disk = machine.plug(block('disk'), OURS);
    expect(await news()).toEqual(['DeviceAnnounced /dev/disk', 'DriveFailed d1 drive-not-writable']);
    expect(facts.find((fact) => fact.type === 'DriveFailed')).toMatchObject({
      detail: 'label-d1: its file system is damaged, repair it with: sudo fsck.exfat -p /dev/sda1',
    });
    // What it holds cannot be told, however good the record is.
    expect([...service.present]).toEqual(['d1']);
    // It may be a card after all: no light is green over it while it is there.
    machine.pull(disk);
    expect(await news()).toEqual(['DeviceSettled /dev/disk']);
    expect([...service.present]).toEqual([]);
    await service.stop();
  });

  it('whose drive.json is missing is neither drive nor card', async () => {
    const { machine, service, news } = await started({ journal: JOURNAL, settings: { auto: 'any' } });
    machine.plug(block('disk'), {});
    expect(await news()).toEqual(['DeviceAnnounced /dev/disk', 'DeviceSettled /dev/disk']);
    expect(service.attached.cards).toEqual([]);
    await service.stop();
  });

  it('is unmounted when it is ejected, and left alone until it is attached anew', async () => {
    const { machine, service, news } = await started({ journal: JOURNAL });
    const disk = machine.plug(block('disk'), OURS);
    await news();
    await service.detachDrive('d1');
    expect(machine.mountCalls.at(-1)).toBe(`unmount ${disk.key}`);
    expect(await news()).toEqual(['DriveDetached d1']);
    machine.plug(block('sda1'), {});
    await news();
    expect(machine.mountCalls.filter((call) => call.endsWith(disk.key))).toHaveLength(3);
    machine.pull(disk);
    machine.plug(block('disk'), OURS);
    expect(await news()).toContain('DriveAttached d1');
    await service.stop();
  });

  it('is left alone when an older listing still shows it mounted', async () => {
    const { machine, service, news } = await started({ journal: JOURNAL });
    const disk = machine.plug(block('disk'), OURS);
    await news();
    machine.volumes$.next([volume('disk', { path: mountPoint(disk.key), block: disk.key })]);
    await news();
    await service.detachDrive('d1');
    await news();
    // Another card is looked at before the next poll.
    machine.plug(block('sda1'), { camera: true });
    await news();
    machine.volumes$.next([]);
    expect(await news()).toEqual([]);
    expect(machine.mounted.has(disk.key)).toBe(false);
    expect(service.attached.drives).toEqual([]);
    await service.stop();
  });

  it('stays attached when it is busy at its ejection', async () => {
    const { machine, service, news } = await started({ journal: JOURNAL });
    machine.plug(block('disk'), OURS);
    await news();
    machine.trouble = { unmount: 'busy' };
    await expect(service.detachDrive('d1')).rejects.toMatchObject({ exitCode: 75, code: 'busy' });
    expect(await news()).toEqual([]);
    await service.stop();
  });

  it('that its desktop unmounted is left alone', async () => {
    const { machine, service, news } = await started({ journal: JOURNAL });
    const disk = block('disk');
    machine.contents.set('/media/DISK', OURS);
    machine.volumes$.next([volume('DISK', { uuid: 'uuid-disk', block: disk.key })]);
    machine.blocks$.next([disk]);
    await news();
    machine.volumes$.next([]);
    expect(await news()).toEqual(['DriveDetached d1']);
    expect(machine.mountCalls).toEqual([]);
    await service.stop();
  });
});

describe('before the power goes', () => {
  it('everything that the helper mounted is unmounted, and what is busy is told', async () => {
    const { machine, service, news } = await started({ journal: JOURNAL });
    machine.plug(block('disk'), OURS);
    machine.plug(block('sda1'), { camera: true });
    machine.mount(volume('SD1'), { camera: true });
    await news();
    expect(await service.letGo()).toEqual([]);
    expect(machine.mounted.size).toBe(0);
    machine.trouble = { unmount: 'busy' };
    expect((await service.letGo()).toSorted()).toEqual([
      'DISK could not be unmounted: busy',
      'SDA1 could not be unmounted: busy',
    ]);
    await service.stop();
  });
});
