import { describe, expect, it } from 'vitest';
import { block, mountPoint } from './memory.ts';
import { started, withoutForce } from './plugged.ts';

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
