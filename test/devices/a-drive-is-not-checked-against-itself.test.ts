import { describe, expect, it } from 'vitest';
import { adopted } from './journal.ts';
import { type Bench, bench, identity, volume } from './memory.ts';

const CARD = '/home/pi/card';
const DRIVE = '/home/pi/drive';

async function started(...given: Parameters<typeof bench>): Promise<Bench> {
  const one = bench(...given);
  one.machine.folder(CARD);
  await one.service.start();
  await one.news();
  return one;
}

describe('a folder that is to be checked', () => {
  it('is itself, without links, and no card because of that', async () => {
    const { service, facts } = await started();
    const read = { id: CARD, path: CARD, kind: 'folder', label: 'card', uuid: null };
    expect(await service.folderToRead(CARD)).toMatchObject(read);
    expect(await service.folderToRead('/link/pi/card')).toMatchObject(read);
    expect(service.attached.cards).toEqual([]);
    expect(facts).toEqual([]);
    await service.stop();
  });

  it('is the card whose folder it is', async () => {
    const { machine, service, news } = await started();
    machine.mount(volume('SD1'), { camera: true });
    await news();
    expect(await service.folderToRead('/media/SD1')).toEqual(service.attached.cards[0]);
    await service.stop();
  });

  it('has to be there, and a folder', async () => {
    const { machine, service } = await started();
    machine.folder('/home/pi/a.jpg');
    for (const path of ['/nowhere', '/home/pi/a.jpg']) {
      await expect(service.folderToRead(path)).rejects.toMatchObject({
        exitCode: 66,
        code: 'no-such-folder',
      });
    }
    await service.stop();
  });

  it('is no attached drive, lies in none and holds none', async () => {
    const { machine, service, news } = await started({ journal: [adopted('d1', 'uuid-DISK')] });
    machine.mount(volume('DISK'), { identity: identity('d1', 'uuid-DISK') });
    await news();
    for (const path of ['/media/DISK', '/media/DISK/Photos', '/media']) {
      machine.folder(path, machine.contents.get(path) ?? {});
      await expect(service.folderToRead(path)).rejects.toMatchObject({ exitCode: 64 });
    }
    machine.folder('/media/DISK2');
    expect(await service.folderToRead('/media/DISK2')).toMatchObject({ path: '/media/DISK2' });
    await service.stop();
  });

  it.each([
    ['of somebody', identity('other', null)],
    ['that is damaged', 'damaged' as const],
    ['that cannot be read', 'broken' as const],
  ])('is no drive %s that nobody attached, and lies in none', async (_, found) => {
    const { machine, service } = await started();
    machine.folder(DRIVE, { identity: found });
    machine.folder(`${DRIVE}/Photos`);
    for (const path of [DRIVE, `${DRIVE}/Photos`]) {
      await expect(service.folderToRead(path)).rejects.toMatchObject({ exitCode: 64, code: 'is-a-drive' });
    }
    await service.stop();
  });

  it('may lie beside a drive', async () => {
    const { machine, service } = await started();
    machine.folder(DRIVE, { identity: identity('d', null) });
    expect(await service.folderToRead(CARD)).toMatchObject({ path: CARD });
    await service.stop();
  });
});

describe('an adopted drive is present', () => {
  const JOURNAL = [adopted('d1', 'uuid-DISK'), adopted('d2', 'uuid-AWAY')];
  const present = async (prepare: (one: Bench) => unknown): Promise<string[]> => {
    const one = await started({ journal: JOURNAL });
    prepare(one);
    await one.news();
    const found = [...one.service.present];
    await one.service.stop();
    return found;
  };
  const OURS = { identity: identity('d1', 'uuid-DISK') };

  it('while it is attached, writable or not', async () => {
    expect(await present(() => undefined)).toEqual([]);
    expect(await present(({ machine }) => machine.mount(volume('DISK'), OURS))).toEqual(['d1']);
    expect(
      await present(({ machine }) => machine.mount(volume('DISK'), { ...OURS, readOnly: true })),
    ).toEqual(['d1']);
  });

  it.each(['damaged', 'broken'] as const)('where its drive.json is %s: its volume says so', async (found) => {
    expect(await present(({ machine }) => machine.mount(volume('DISK'), { identity: found }))).toEqual([
      'd1',
    ]);
  });

  it('where it has no drive.json any more, and where nothing of it can be read', async () => {
    expect(await present(({ machine }) => machine.mount(volume('DISK')))).toEqual(['d1']);
    expect(await present(({ machine }) => machine.mount(volume('DISK'), { unreadable: true }))).toEqual([
      'd1',
    ]);
  });

  it('where it is a folder with a damaged drive.json: its path says so', async () => {
    const one = await started({
      journal: [adopted('d3', null, DRIVE), adopted('d4', null, '/home/pi/other')],
    });
    one.machine.folder(DRIVE, { identity: 'damaged' });
    await one.service.attachFolderDrive(DRIVE);
    expect([...one.service.present]).toEqual(['d3']);
    await one.service.stop();
  });

  it('where two places have its id', async () => {
    const clones = ({ machine }: Bench) => {
      machine.mount(volume('DISK'), OURS);
      machine.mount(volume('CLONE', { uuid: 'uuid-DISK' }), OURS);
    };
    expect(await present(clones)).toEqual(['d1']);
  });

  it('not when its owner ejected it, though it still stands there', async () => {
    const one = await started({ journal: JOURNAL });
    one.machine.mount(volume('DISK'), OURS);
    await one.news();
    await one.service.detachDrive('DISK');
    expect([...one.service.present]).toEqual([]);
    await one.service.stop();
  });
});
