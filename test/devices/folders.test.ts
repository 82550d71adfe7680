import { describe, expect, it } from 'vitest';
import { overlap } from '../../services/devices/place.ts';
import { adopted } from './journal.ts';
import { type Bench, bench, identity, volume } from './memory.ts';

const CARD = '/home/pi/card';
const DRIVE = '/home/pi/drive';

async function started(...given: Parameters<typeof bench>): Promise<Bench> {
  const one = bench(...given);
  one.machine.folder(CARD);
  one.machine.folder(DRIVE);
  await one.service.start();
  await one.news();
  return one;
}

describe('a folder as a card', () => {
  it('is attached and detached by its owner', async () => {
    const { service, facts, news } = await started();
    const card = await service.attachFolderCard(CARD, 'Holiday', 'auto');
    expect(card).toEqual({
      id: CARD,
      label: 'Holiday',
      uuid: null,
      path: CARD,
      kind: 'folder',
      sizeBytes: null,
      fsType: 'ext4',
      hardware: null,
      readOnly: false,
    });
    expect(facts).toEqual([{ type: 'CardAttached', card, start: 'auto' }]);
    await service.detachCard(card.id);
    await news();
    expect(service.attached.cards).toEqual([]);
    expect(facts.at(-1)).toEqual({ type: 'CardDetached', cardId: CARD });
    await service.stop();
  });

  it('has its own name, one id for all links to it, and is one card however often it is named', async () => {
    const { service, news } = await started();
    const first = await service.attachFolderCard('/link/pi/card', null, 'manual');
    expect(first).toMatchObject({ id: CARD, label: 'card', path: CARD });
    expect(await service.attachFolderCard(CARD, 'other', 'auto')).toEqual(first);
    expect(await news()).toEqual(['CardAttached card manual']);
    await service.stop();
  });

  it('is the mounted card whose folder it is', async () => {
    const { machine, service, news } = await started();
    machine.mount(volume('SD1'), { camera: true });
    await news();
    expect(await service.attachFolderCard('/media/SD1', null, 'auto')).toMatchObject({ kind: 'volume' });
    expect(service.attached.cards).toHaveLength(1);
    await service.stop();
  });

  it.each([
    ['does not exist', '/home/nope', {}, { exitCode: 66 }],
    ['cannot be read', '/home/x', { unreadable: true }, { exitCode: 77, code: 'unreadable' }],
    ['is a drive', '/home/x', { identity: identity('d', null) }, { exitCode: 64, code: 'is-a-drive' }],
  ])('is refused when it %s', async (_, dir, content, expected) => {
    const { machine, service, news } = await started();
    machine.folder('/home/x', content);
    const attempt = service.attachFolderCard(dir, null, 'auto');
    await expect(attempt).rejects.toMatchObject(expected);
    expect(await news()).toEqual([]);
    await service.stop();
  });

  it.each([
    ['a part of a drive', '/mnt/again', `${DRIVE}/sub`],
    ['what a drive is a part of', '/mnt/again', '/home/pi'],
    ['a drive that is seen elsewhere', `/srv/pictures`, null],
  ])('is refused when it is %s, mounted under another path', async (_, dir, from) => {
    const { machine, service, news } = await started();
    await service.adopt(DRIVE, { force: false });
    await news();
    machine.folder(dir);
    if (from === null) machine.bound.set(DRIVE, dir);
    else machine.bound.set(dir, from);
    const refused = { code: 'overlap', exitCode: 64 };
    await expect(service.attachFolderCard(dir, null, 'auto')).rejects.toMatchObject(refused);
    await expect(service.folderToRead(dir)).rejects.toMatchObject(refused);
    await expect(service.attachFolderDrive(dir)).rejects.toMatchObject(refused);
    await expect(service.adopt(dir, { force: true })).rejects.toMatchObject(refused);
    expect(await news()).toEqual([]);
    await service.stop();
  });

  it('is not read as a card where it is a part of a drive that nobody attached', async () => {
    const { machine, service } = await started();
    machine.folder('/srv/old', { identity: identity('d9', null) });
    machine.folder('/mnt/again');
    machine.bound.set('/mnt/again', '/srv/old/Photos');
    await expect(service.folderToRead('/mnt/again')).rejects.toMatchObject({
      code: 'is-a-drive',
      exitCode: 64,
    });
    await service.stop();
  });

  it.each([`${DRIVE}/sub`, '/home/pi'])('is refused when it shares files with a drive: %s', async (dir) => {
    const { machine, service, news } = await started();
    await service.adopt(DRIVE, { force: false });
    await news();
    machine.folder(dir);
    const attempt = service.attachFolderCard(dir, null, 'auto');
    await expect(attempt).rejects.toMatchObject({ code: 'overlap', exitCode: 64 });
    expect(await news()).toEqual([]);
    await service.stop();
  });

  it('goes when its folder goes with the volume below it', async () => {
    const { machine, service, news } = await started();
    const disk = machine.mount(volume('DISK'));
    machine.folder('/media/DISK/card');
    await service.attachFolderCard('/media/DISK/card', null, 'auto');
    await news();
    machine.contents.delete('/media/DISK/card');
    machine.unmount(disk);
    expect((await news()).toSorted()).toEqual([
      'CardDetached /media/DISK/card',
      'CardDetached uuid-DISK+64000000000',
    ]);
    await service.stop();
  });
});

describe('a folder as a drive', () => {
  it('becomes one by the word of its owner, without the UUID of the disk below it', async () => {
    const { machine, service, news } = await started();
    expect(await service.adopt(DRIVE, { force: false })).toEqual({
      id: 'id-1',
      label: 'drive',
      uuid: null,
      path: DRIVE,
      kind: 'folder',
      sizeBytes: 32e9,
      fsType: 'ext4',
      hardware: null,
      adopted: true,
      writable: true,
    });
    expect(machine.contents.get(DRIVE)?.identity).toMatchObject({ id: 'id-1', uuid: null });
    expect(await news()).toEqual(['DriveAdopted id-1', 'DriveAttached id-1']);
    await service.stop();
  });

  it('is shown and not written while it is not adopted', async () => {
    const { machine, service, news } = await started();
    expect(await service.attachFolderDrive(DRIVE)).toMatchObject({ id: null, adopted: false });
    expect(await service.attachFolderDrive(DRIVE)).toMatchObject({ id: null, adopted: false });
    expect(await news()).toEqual([]);
    expect(machine.writes).toEqual([]);
    expect(service.attached.drives).toHaveLength(1);
    await service.adopt('drive', { force: false });
    expect(service.attached.drives).toMatchObject([{ id: 'id-1', adopted: true }]);
    await service.stop();
  });

  it('comes back by itself after a restart, and not when drive.json says otherwise', async () => {
    const journal = [adopted('d1', null, DRIVE), adopted('d2', null, '/home/pi/gone')];
    const ours = bench({ journal });
    ours.machine.folder(DRIVE, { identity: identity('d1', null) });
    await ours.service.start();
    expect(await ours.news()).toEqual(['DriveAttached d1']);
    await ours.service.stop();
    for (const content of [{}, { identity: identity('x', null) }, { identity: identity('d1', 'uuid-X') }]) {
      const other = bench({ journal });
      other.machine.folder(DRIVE, content);
      await other.service.start();
      expect(await other.news()).toEqual([]);
      await other.service.stop();
    }
  });

  it.each([
    ['damaged', 'damaged'],
    ['broken', 'unreadable'],
  ] as const)('whose drive.json is %s is shown with its trouble, and is no drive', async (file, trouble) => {
    const { machine, service, news } = bench({ journal: [adopted('d1', null, DRIVE)] });
    machine.folder(DRIVE, { identity: file });
    await service.start();
    expect(await news()).toEqual([]);
    expect(service.attached.drives).toMatchObject([
      { id: null, adopted: false, path: DRIVE, identityTrouble: trouble },
    ]);
    // Its owner mended it.
    machine.folder(DRIVE, { identity: identity('d1', null) });
    machine.mount(volume('SD1'));
    expect((await news()).filter((fact) => fact.startsWith('Drive'))).toEqual(['DriveAttached d1']);
    expect(service.attached.drives[0]).not.toHaveProperty('identityTrouble');
    await service.stop();
  });

  it('whose drive.json gets damaged while it is attached is let go, and its trouble told', async () => {
    const { machine, service, news } = await started();
    await service.adopt(DRIVE, { force: false });
    await news();
    machine.folder(DRIVE, { identity: 'damaged' });
    machine.mount(volume('SD1'));
    expect((await news()).filter((fact) => fact.startsWith('Drive'))).toEqual(['DriveDetached id-1']);
    expect(service.attached.drives).toMatchObject([{ adopted: false, identityTrouble: 'damaged' }]);
    await service.stop();
  });

  it('comes and goes with the volume that it is on', async () => {
    const { machine, service, news } = await started({ journal: [adopted('d1', null, '/media/DISK/mine')] });
    machine.folder('/media/DISK/mine', { identity: identity('d1', null) });
    const disk = machine.mount(volume('DISK'));
    expect(await news()).toContain('DriveAttached d1');
    machine.contents.delete('/media/DISK/mine');
    machine.unmount(disk);
    expect(await news()).toContain('DriveDetached d1');
    await service.stop();
  });

  it('stays out when its owner took it out, until it is named again', async () => {
    const { machine, service, news } = await started();
    await service.adopt(DRIVE, { force: false });
    await service.detachDrive('/link/pi/drive');
    await news();
    machine.mount(volume('SD1'));
    expect((await news()).filter((fact) => fact.startsWith('Drive'))).toEqual([]);
    expect(await service.attachFolderDrive(DRIVE)).toMatchObject({ id: 'id-1', adopted: true });
    expect(await news()).toEqual(['DriveAttached id-1']);
    await service.stop();
  });

  it('is detached when its drive.json is no longer ours', async () => {
    const { machine, service, news } = await started();
    await service.adopt(DRIVE, { force: false });
    await news();
    machine.folder(DRIVE, {});
    machine.mount(volume('SD1'));
    expect((await news()).filter((fact) => fact.startsWith('Drive'))).toEqual(['DriveDetached id-1']);
    await service.stop();
  });

  it('named before the start is reported with all others', async () => {
    const one = bench({ journal: [adopted('d1', null, DRIVE)] });
    one.machine.folder(DRIVE, { identity: identity('d1', null) });
    await one.service.attachFolderDrive(DRIVE);
    expect(one.facts).toEqual([]);
    await one.service.start();
    expect(await one.news()).toEqual(['DriveAttached d1']);
    await one.service.stop();
  });

  it.each([
    CARD,
    `${CARD}/sub`,
    '/home/pi',
  ])('is refused when it shares files with a card: %s', async (dir) => {
    const { machine, service, news } = await started();
    await service.attachFolderCard(CARD, null, 'manual');
    await news();
    machine.folder(dir);
    const refused = { code: 'overlap', exitCode: 64 };
    await expect(service.adopt(dir, { force: true })).rejects.toMatchObject(refused);
    await expect(service.attachFolderDrive(dir)).rejects.toMatchObject(refused);
    expect(await news()).toEqual([]);
    expect(machine.writes).toEqual([]);
    await service.stop();
  });

  it('is refused inside another drive: two copies on one disk are one copy', async () => {
    const { machine, service } = await started();
    await service.adopt(DRIVE, { force: false });
    machine.folder(`${DRIVE}/sub`);
    const refused = { code: 'overlap', exitCode: 64 };
    await expect(service.adopt(`${DRIVE}/sub`, { force: false })).rejects.toMatchObject(refused);
    await expect(service.attachFolderDrive(`${DRIVE}/sub`)).rejects.toMatchObject(refused);
    await service.stop();
  });

  it('is refused when it cannot be read', async () => {
    const { machine, service } = await started();
    machine.folder('/home/x', { unreadable: true });
    const attempt = service.attachFolderDrive('/home/x');
    await expect(attempt).rejects.toMatchObject({ code: 'unreadable', exitCode: 77 });
    await service.stop();
  });
});

it('a folder that vanishes while it is looked at is no folder', async () => {
  const { machine, service } = await started();
  machine.volumeOf = () => Promise.reject(new Error('ENOENT'));
  const refused = { code: 'no-such-folder', exitCode: 66 };
  await expect(service.attachFolderCard(CARD, null, 'auto')).rejects.toMatchObject(refused);
  await expect(service.attachFolderDrive(DRIVE)).rejects.toMatchObject(refused);
  await service.stop();
});

describe('stop', () => {
  it('ends a look that hangs, reports nothing any more and refuses requests', async () => {
    const { machine, service, facts, news } = await started();
    machine.mount(volume('SLOW'), { hangs: true });
    await news();
    const before = facts.length;
    await service.stop();
    expect(facts).toHaveLength(before);
    expect(machine.timers.size).toBe(0);
    await expect(service.attachFolderCard(CARD, null, 'auto')).rejects.toMatchObject({ exitCode: 75 });
  });

  it('resolves a start that waits for its first listing, and is safe before and after it', async () => {
    const { machine, service } = bench();
    machine.mount(volume('SLOW'), { hangs: true });
    const starting = service.start();
    await service.stop();
    await starting;
    await service.stop();
    await bench().service.stop();
  });
});

it.each([
  ['/a', '/a', true],
  ['/a', '/a/b', true],
  ['/a/b', '/a', true],
  ['/', '/a', true],
  ['/a', '/ab', false],
  ['/a/b', '/a/c', false],
])('overlap of %s and %s: %s', (one, other, expected) => {
  expect(overlap(one, other)).toBe(expected);
});
