import { describe, expect, it } from 'vitest';
import { adopted } from './journal.ts';
import { type Bench, bench, type Content, identity, volume } from './memory.ts';

const withoutForce = { force: false };

/** A refusal changes nothing: no fact, no byte. */
async function expectRefused(
  { machine, service, news }: Bench,
  target: string,
  expected: { exitCode: number; code?: string; hint?: unknown },
  force = false,
): Promise<void> {
  await news();
  const before = JSON.stringify([...machine.contents]);
  await expect(service.adopt(target, { force })).rejects.toMatchObject(expected);
  expect(await news()).toEqual([]);
  expect(machine.writes).toEqual([]);
  expect(JSON.stringify([...machine.contents])).toBe(before);
  await service.stop();
}

async function started(...given: Parameters<typeof bench>): Promise<Bench> {
  const one = bench(...given);
  await one.service.start();
  return one;
}

async function withVolume(content: Content, more: Parameters<typeof volume>[1] = {}): Promise<Bench> {
  const one = await started();
  one.machine.mount(volume('DISK', more), content);
  await one.news();
  return one;
}

describe('adopt', () => {
  it.each([
    'DISK',
    'uuid-DISK',
    'UUID-disk',
    '/media/DISK',
  ])('makes a volume a drive by %s', async (target) => {
    const { machine, service, news } = await withVolume({});
    expect(await service.adopt(target, withoutForce)).toMatchObject({
      id: 'id-1',
      uuid: 'uuid-DISK',
      adopted: true,
      path: '/media/DISK',
    });
    // It stood as a card: that is taken back before anything is written.
    expect(await news()).toEqual([
      'CardDetached uuid-DISK+64000000000',
      'DriveAdopted id-1',
      'DriveAttached id-1',
    ]);
    expect(machine.contents.get('/media/DISK')?.identity).toEqual({
      format: 1,
      id: 'id-1',
      uuid: 'uuid-DISK',
      label: 'DISK',
      adoptedAt: '2026-11-21T10:00:00.000Z',
    });
    await service.stop();
  });

  it('lets the card go before the first byte is written', async () => {
    const { machine, service, facts } = await withVolume({});
    const write = machine.write.bind(machine);
    let factsAtWrite: readonly string[] = [];
    machine.write = (root, one) => {
      factsAtWrite = facts.map((fact) => fact.type);
      return write(root, one);
    };
    await service.adopt('DISK', withoutForce);
    expect(factsAtWrite).toContain('CardDetached');
    expect(factsAtWrite).not.toContain('DriveAdopted');
    await service.stop();
  });

  it('announces nothing that is not written, and gives the card back', async () => {
    const { machine, service, news } = await withVolume({});
    await news();
    machine.writeError = new Error('ENOSPC');
    await expect(service.adopt('DISK', withoutForce)).rejects.toMatchObject({
      code: 'cannot-create',
      exitCode: 73,
      message: expect.stringContaining('ENOSPC'),
    });
    expect(await news()).toEqual(['CardDetached uuid-DISK+64000000000', 'CardAttached DISK manual']);
    expect(service.attached.drives).toEqual([]);
    await service.stop();
  });

  it('keeps the id of a drive that another imagetank filled, and writes nothing', async () => {
    const { machine, service, news } = await withVolume({ identity: identity('theirs', 'uuid-DISK') });
    await news();
    expect(await service.adopt('theirs', withoutForce)).toMatchObject({ id: 'theirs', adopted: true });
    expect(await news()).toEqual(['DriveAdopted theirs', 'DriveAttached theirs']);
    expect(machine.writes).toEqual([]);
    await service.stop();
  });

  it('returns an adopted drive as it is', async () => {
    const { service, news } = await withVolume({});
    const first = await service.adopt('DISK', withoutForce);
    await news();
    expect(await service.adopt('DISK', withoutForce)).toEqual(first);
    expect(await service.adopt(first.id ?? '', withoutForce)).toEqual(first);
    expect(await service.adopt('/media/DISK', withoutForce)).toEqual(first);
    expect(await news()).toEqual([]);
    await service.stop();
  });

  it('adopts again what was forgotten, under its old id', async () => {
    const { service, news } = await withVolume({});
    await service.adopt('DISK', withoutForce);
    await service.forget('DISK');
    await news();
    expect(await service.adopt('DISK', withoutForce)).toMatchObject({ id: 'id-1' });
    expect(await news()).toEqual(['DriveAdopted id-1', 'DriveAttached id-1']);
    await service.stop();
  });

  it('takes camera folders by force only', async () => {
    const one = await withVolume({ camera: true });
    expect(await one.service.adopt('DISK', { force: true })).toMatchObject({ adopted: true });
    await one.service.stop();
    await expectRefused(await withVolume({ camera: true }), 'DISK', { exitCode: 77, code: 'camera-folders' });
  });

  it('looks again: photos may have come since it was mounted', async () => {
    const one = await withVolume({});
    one.machine.contents.set('/media/DISK', { camera: true });
    await expectRefused(one, 'DISK', { exitCode: 77, code: 'camera-folders' });
  });

  it.each([
    ['an unknown label', 'NOPE', { exitCode: 66, code: 'no-such-drive' }],
    ['a folder that does not exist', '/media/NOPE', { exitCode: 66, code: 'no-such-folder' }],
  ])('refuses %s', async (_, target, expected) => {
    await expectRefused(await withVolume({}), target, expected);
  });

  it('refuses a file', async () => {
    const one = await started();
    one.machine.folder('/home/a.jpg');
    await expectRefused(one, '/home/a.jpg', { exitCode: 66 });
  });

  it('asks which one when two volumes share a label, and takes the UUID', async () => {
    const two = async () => {
      const one = await withVolume({});
      one.machine.mount(volume('DISK', { uuid: 'uuid-2', path: '/media/DISK1' }), {});
      await one.news();
      return one;
    };
    await expectRefused(await two(), 'DISK', { exitCode: 65, code: 'ambiguous' });
    const { service, news } = await two();
    await news();
    expect(await service.adopt('uuid-2', withoutForce)).toMatchObject({ path: '/media/DISK1' });
    await service.stop();
  });

  it('prefers a UUID over a label that reads the same', async () => {
    const one = await withVolume({});
    one.machine.mount(volume('uuid-DISK', { uuid: 'other' }), {});
    await one.news();
    expect(await one.service.adopt('uuid-DISK', withoutForce)).toMatchObject({ path: '/media/DISK' });
    await one.service.stop();
  });

  it('refuses the system disk, even by force', async () => {
    const system = () => withVolume({}, { system: true });
    await expectRefused(await system(), 'DISK', { exitCode: 77, code: 'system-disk' }, true);
    await expectRefused(await system(), '/media/DISK', { exitCode: 77, code: 'system-disk' }, true);
    const root = await started();
    root.machine.folder('/');
    await expectRefused(root, '/', { exitCode: 77, code: 'system-disk' }, true);
  });

  it('refuses what cannot be written or read', async () => {
    await expectRefused(await withVolume({ readOnly: true }), 'DISK', { exitCode: 73, code: 'not-writable' });
    await expectRefused(await withVolume({ unreadable: true }), 'DISK', { exitCode: 77, code: 'unreadable' });
    await expectRefused(await withVolume({ identity: 'broken' }), 'DISK', {
      exitCode: 65,
      code: 'drive-file-unreadable',
      hint: expect.stringContaining('cable'),
    });
    await expectRefused(await withVolume({ identity: 'damaged' }), 'DISK', {
      exitCode: 65,
      code: 'drive-file-damaged',
      hint: expect.stringMatching(/photos are untouched: update imagetank/),
    });
    const forced = await withVolume({ identity: 'damaged' });
    await expectRefused(forced, 'DISK', { exitCode: 65, code: 'drive-file-damaged' }, true);
  });

  it('refuses a drive.json that names another volume: the manifests may lie', async () => {
    const copied = { identity: identity('d1', 'uuid-ORIGINAL') };
    await expectRefused(await withVolume(copied), 'DISK', { exitCode: 77, code: 'drive-file-copied' });
  });

  it('refuses a second place with the same id', async () => {
    const one = await withVolume({ identity: identity('d1', 'uuid-DISK') });
    one.machine.mount(volume('CLONE', { uuid: 'uuid-DISK' }), { identity: identity('d1', 'uuid-DISK') });
    await expectRefused(one, '/media/CLONE', { exitCode: 77, code: 'drive-id-clash' });
  });

  it('refuses a volume that holds a card', async () => {
    const one = await started();
    one.machine.mount(volume('DISK'), {});
    one.machine.folder('/media/DISK/card');
    await one.service.attachFolderCard('/media/DISK/card', null, 'manual');
    await expectRefused(one, 'DISK', { exitCode: 64, code: 'overlap' });
  });
});

describe('adopting the candidate', () => {
  it('adopts the only one', async () => {
    const { machine, service, news } = await started();
    machine.mount(volume('IMAGETANK'));
    machine.mount(volume('SD1'), { camera: true });
    await news();
    expect(await service.adoptCandidate()).toMatchObject({ label: 'IMAGETANK', adopted: true });
    expect(await news()).toEqual(['DriveAdopted id-1', 'DriveAttached id-1']);
    expect(await service.adoptCandidate()).toBeNull();
    await service.stop();
  });

  it.each([
    ['there is none', []],
    ['there are two', [volume('IMAGETANK'), volume('b', { label: 'IMAGETANK' })]],
    ['it has another label', [volume('OTHER')]],
    ['it is on the system disk', [volume('IMAGETANK', { system: true })]],
  ])('does nothing when %s', async (_, volumes) => {
    const { machine, service, news } = await started();
    for (const one of volumes) machine.mount(one);
    await news();
    expect(await service.adoptCandidate()).toBeNull();
    expect(await news()).toEqual([]);
    await service.stop();
  });

  it.each([{ readOnly: true }, { camera: true }])('does nothing when it is %o', async (content) => {
    const { machine, service, news } = await started();
    machine.mount(volume('IMAGETANK'), content);
    await news();
    expect(await service.adoptCandidate()).toBeNull();
    await service.stop();
  });

  it('chooses the writable one of two', async () => {
    const { machine, service, news } = await started();
    machine.mount(volume('IMAGETANK'), { readOnly: true });
    machine.mount(volume('b', { label: 'IMAGETANK' }));
    await news();
    expect(await service.adoptCandidate()).toMatchObject({ path: '/media/b' });
    await service.stop();
  });
});

describe('after a restart', () => {
  it('the facts of an adoption make it a drive again', async () => {
    const first = await withVolume({});
    await first.service.adopt('DISK', withoutForce);
    await first.service.stop();
    const second = await started({ machine: first.machine, journal: first.facts });
    expect(await second.news()).toContain('DriveAttached id-1');
    await second.service.stop();
    const stranger = await started({ machine: first.machine, journal: [adopted('other', 'uuid-DISK')] });
    expect((await stranger.news()).filter((fact) => fact.startsWith('Drive'))).toEqual([]);
    await stranger.service.stop();
  });
});
