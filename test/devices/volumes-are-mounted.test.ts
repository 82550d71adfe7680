import { describe, expect, it } from 'vitest';
import { held, MountError } from '../../services/devices/holds.ts';
import { adopted } from './journal.ts';
import { type Bench, bench, block, identity, mountPoint, volume } from './memory.ts';

const withoutForce = { force: false };

async function started(given: Parameters<typeof bench>[0] = {}): Promise<Bench> {
  const one = bench(given);
  await one.service.start();
  await one.news();
  return one;
}

/** A journal in which the volume of `block('disk')` was adopted. */
const JOURNAL = [{ ...adopted('d1', 'uuid-disk'), drive: { ...driveOf('d1'), sizeBytes: 64e9 } }] as const;
function driveOf(id: string) {
  const fact = adopted(id, 'uuid-disk');
  if (fact.type !== 'DriveAdopted') throw new Error('no drive');
  return fact.drive;
}
const OURS = { identity: identity('d1', 'uuid-disk') };

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
    machine.plug(block('disk'), OURS);
    expect(await news()).toEqual([
      'DeviceAnnounced /dev/disk',
      'DriveFailed d1 drive-not-writable',
      'DeviceSettled /dev/disk',
    ]);
    expect(facts.find((fact) => fact.type === 'DriveFailed')).toMatchObject({
      detail: 'label-d1: its file system is damaged, repair it with: sudo fsck.exfat -p /dev/sda1',
    });
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

describe('adopting a volume that the helper mounted as a card', () => {
  it('mounts it as a drive before the first byte is written', async () => {
    const { machine, service, news } = await started();
    const disk = machine.plug(block('disk'), {});
    await news();
    expect(await service.adopt('DISK', withoutForce)).toMatchObject({
      id: 'id-1',
      adopted: true,
      writable: true,
    });
    expect(machine.mountCalls.slice(-2)).toEqual([`mountCard ${disk.key}`, `mountDrive ${disk.key}`]);
    expect(machine.writes).toEqual([mountPoint(disk.key)]);
    expect(await news()).toEqual([
      'CardDetached uuid-disk+64000000000',
      'DriveAdopted id-1',
      'DriveAttached id-1',
    ]);
    await service.stop();
  });

  it('of a name in the configuration happens by itself', async () => {
    const { machine, service, news } = await started({ settings: { drives: ['DISK'] } });
    machine.plug(block('disk'), {});
    expect(await news()).toContain('DriveAttached id-1');
    await service.stop();
  });

  it('by three presses takes the only one that asks for it', async () => {
    const { machine, service, news } = await started();
    machine.plug(block('disk', { label: 'IMAGETANK' }), {});
    await news();
    expect(await service.adoptCandidate()).toMatchObject({ id: 'id-1' });
    await service.stop();
  });

  it('that is write-protected is refused before it is mounted', async () => {
    const { machine, service, news } = await started();
    machine.plug(block('disk', { readOnly: true }), { readOnly: true });
    await news();
    await expect(service.adopt('DISK', withoutForce)).rejects.toMatchObject({ exitCode: 73 });
    expect(machine.mountCalls.some((call) => call.startsWith('mountDrive'))).toBe(false);
    await service.stop();
  });

  it('that cannot be mounted leaves the card as it was', async () => {
    const { machine, service, news } = await started();
    const disk = machine.plug(block('disk'), {});
    await news();
    machine.trouble = { mountDrive: 'needs-repair' };
    await expect(service.adopt('DISK', withoutForce)).rejects.toMatchObject({
      exitCode: 73,
      message: expect.stringMatching(/repair it with: sudo fsck/),
    });
    expect(machine.mountCalls.slice(-2)).toEqual([`unmount ${disk.key}`, `mountCard ${disk.key}`]);
    expect(await news()).toEqual(['CardDetached uuid-disk+64000000000', 'CardAttached DISK manual']);
    expect(machine.writes).toEqual([]);
    await service.stop();
  });

  it('is refused while it cannot be looked at: an empty folder shows no camera’s folders', async () => {
    const { machine, service, news } = await started();
    const disk = machine.plug(block('disk'), {});
    await news();
    machine.trouble = { mountCard: 'failed' };
    await expect(service.adopt('DISK', withoutForce)).rejects.toMatchObject({ exitCode: 77 });
    expect(machine.mountCalls).not.toContain(`mountDrive ${disk.key}`);
    expect(machine.writes).toEqual([]);
    await service.stop();
  });

  it('is refused when a camera’s folders are seen on it only then', async () => {
    const { machine, service, news } = await started();
    const disk = machine.plug(block('disk'), {});
    await news();
    const { mountDrive } = machine.helper;
    machine.helper.mountDrive = async (target) => {
      machine.contents.set(mountPoint(disk.key), { camera: true });
      return mountDrive(target);
    };
    await expect(service.adopt('DISK', withoutForce)).rejects.toMatchObject({ code: 'camera-folders' });
    expect(machine.writes).toEqual([]);
    await service.stop();
  });

  it('with a camera’s folders is refused', async () => {
    const { machine, service, news } = await started({ settings: { drives: ['DISK'] } });
    machine.plug(block('disk'), { camera: true });
    await news();
    await expect(service.adopt('DISK', withoutForce)).rejects.toMatchObject({ exitCode: 77 });
    expect(machine.mounted.get(machine.blocks$.value[0]?.key ?? '')).toBe('card');
    await service.stop();
  });

  it('that is pulled meanwhile is no drive', async () => {
    const { machine, service, news } = await started();
    const disk = machine.plug(block('disk'), {});
    await news();
    const { write } = machine;
    machine.write = async (root, written) => {
      await write.call(machine, root, written);
      machine.pull(disk);
    };
    await expect(service.adopt('DISK', withoutForce)).rejects.toMatchObject({ exitCode: 66 });
    expect(await news()).toEqual(['CardDetached uuid-disk+64000000000']);
    await service.stop();
  });
});

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
