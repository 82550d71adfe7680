import { expect, it } from 'vitest';
import { driveId, inboxCardId } from '../../machines/ids.ts';
import { adopted } from './journal.ts';
import { bench, identity, volume } from './memory.ts';

const D1 = driveId('d1');
const OURS = { identity: identity('d1', 'uuid-DISK') };
const JOURNAL = [adopted('d1', 'uuid-DISK')];

async function withDrive() {
  const one = bench({ journal: JOURNAL });
  await one.service.start();
  const disk = one.machine.mount(volume('DISK'), OURS);
  await one.news();
  return { ...one, disk };
}

it('lies in the drive, and no rule starts its backup', async () => {
  const { service, facts, news } = await withDrive();
  await service.showInbox(D1, 1);
  await news();
  expect(facts.at(-1)).toMatchObject({
    type: 'CardAttached',
    start: 'manual',
    card: {
      id: inboxCardId(D1),
      label: 'inbox of DISK',
      path: '/media/DISK/inbox',
      kind: 'folder',
      uuid: null,
      hardware: null,
    },
  });
  expect(service.attached.drives).toHaveLength(1);
  await service.stop();
});

it('while it is no card, nothing of it is to be checked; as a card it is itself', async () => {
  const { machine, service, news } = await withDrive();
  machine.folder('/media/DISK/inbox');
  const asked = () => service.folderToRead('/media/DISK/inbox');
  await expect(asked()).rejects.toMatchObject({
    exitCode: 66,
    code: 'no-such-card',
    message: '/media/DISK/inbox: the inbox of DISK holds no file that waits to be copied',
  });
  await service.showInbox(D1, 1);
  await news();
  expect(await asked()).toMatchObject({ id: inboxCardId(D1), path: '/media/DISK/inbox' });
  await service.stop();
});

it('shown again it is the same card, with another round it comes anew', async () => {
  const { service, news } = await withDrive();
  await service.showInbox(D1, 1);
  await news();
  await service.showInbox(D1, 1);
  expect(await news()).toEqual([]);
  await service.showInbox(D1, 2);
  expect((await news()).map((word) => word.split(' ')[0])).toEqual(['CardDetached', 'CardAttached']);
  await service.showInbox(D1, null);
  expect((await news()).map((word) => word.split(' ')[0])).toEqual(['CardDetached']);
  expect(service.attached.cards).toEqual([]);
  await service.stop();
});

it('goes with its drive, after it: without both no light is green in between', async () => {
  const { machine, service, news, disk } = await withDrive();
  await service.showInbox(D1, 1);
  await news();
  machine.unmount(disk);
  expect((await news()).map((word) => word.split(' ')[0])).toEqual(['DriveDetached', 'CardDetached']);
  await service.showInbox(D1, 2);
  expect(await news()).toEqual([]);
  expect(service.attached.cards).toEqual([]);
  await service.stop();
});

it('of a drive that nobody adopted is none', async () => {
  const { service, news } = await withDrive();
  await service.showInbox(driveId('d2'), 1);
  expect(await news()).toEqual([]);
  await service.stop();
});

it('an ejected drive takes it along, and comes back without it', async () => {
  const { service, news } = await withDrive();
  await service.showInbox(D1, 1);
  await news();
  await service.detachDrive('DISK');
  expect((await news()).map((word) => word.split(' ')[0])).toEqual(['DriveDetached', 'CardDetached']);
  await service.attachFolderDrive('/media/DISK');
  expect((await news()).map((word) => word.split(' ')[0])).toEqual(['DriveAttached']);
  await service.stop();
});
