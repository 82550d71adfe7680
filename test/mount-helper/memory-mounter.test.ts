import { describe, expect, it } from 'vitest';
import { mounterContract } from '../contracts/mounter.contract.ts';
import { MemoryMounter } from './memory-mounter.ts';

const ONE = { node: '/dev/sda1', key: 'sda1#17' };
const OTHER = { node: '/dev/sdb1', key: 'sdb1#18' };

mounterContract('memory', async () => {
  const mounter = new MemoryMounter({ isAttached: ({ key }) => key === ONE.key || key === OTHER.key });
  return {
    mounter,
    one: ONE,
    other: OTHER,
    mode: ({ key }) => {
      const mount = mounter.mounts.find((one) => one.key === key);
      if (mount === undefined) return null;
      return mount.readOnly ? 'read-only' : 'read-write';
    },
    pull: ({ key }) => mounter.pull(key),
    cleanUp: async () => undefined,
  };
});

describe('MemoryMounter', () => {
  it('fails as often as it is told, for one volume or for all', async () => {
    const mounter = new MemoryMounter();
    mounter.fail('mount-drive', 'needs-repair', { key: ONE.key, detail: 'sudo fsck', times: 1 });
    mounter.fail('unmount', 'busy');
    const repair = { ok: false, trouble: 'needs-repair', detail: 'sudo fsck' };
    expect(await mounter.mountDrive(OTHER)).toMatchObject({ ok: true });
    expect(await mounter.mountDrive(ONE)).toEqual(repair);
    expect(await mounter.mountDrive(ONE)).toMatchObject({ ok: true });
    expect(await mounter.unmount(ONE)).toMatchObject({ trouble: 'busy' });
    expect(await mounter.unmount(OTHER)).toMatchObject({ trouble: 'busy' });
    mounter.heal();
    expect(await mounter.unmount(ONE)).toMatchObject({ ok: true });
  });

  it('tells what is mounted and unmounted, and takes a stale mount away before a new one', async () => {
    const told: string[] = [];
    const mounter = new MemoryMounter({
      onMount: ({ key, path, readOnly }) => told.push(`+${key} ${path} ${readOnly}`),
      onUnmount: ({ key }) => told.push(`-${key}`),
    });
    await mounter.mountCard(ONE);
    await mounter.mountDrive({ ...ONE, key: 'sda1#19' });
    expect(told).toEqual([
      '+sda1#17 /media/imagetank/sda1 true',
      '-sda1#17',
      '+sda1#19 /media/imagetank/sda1 false',
    ]);
  });

  it('answers when it is released, and remembers what was asked', async () => {
    const mounter = new MemoryMounter();
    mounter.hold();
    let answered = false;
    const answer = mounter.mountCard(ONE).then(() => {
      answered = true;
    });
    await Promise.resolve();
    expect([answered, mounter.mounts]).toEqual([false, []]);
    mounter.release();
    await answer;
    expect([answered, mounter.asked]).toEqual([true, ['mount-card sda1#17']]);
  });
});
