import { describe, expect, it } from 'vitest';
import { MountTable } from '../../adapters/mounts/mount-table.ts';
import { parseMountinfo } from '../../adapters/mounts/mountinfo.ts';
import { Pulse, type PulseCalls } from '../../adapters/mounts/pulse.ts';

const TEXT = [
  '1 0 8:1 / / rw - ext4 /dev/sda1 rw',
  '2 1 8:17 / /media/sd rw - vfat /dev/sdb1 rw',
  '3 1 0:50 / /media/ram rw - tmpfs tmpfs rw',
  '',
].join('\n');
const [, SD, RAM] = parseMountinfo(Buffer.from(TEXT));

const failing = (code: string) => async () => {
  throw Object.assign(new Error(code), { code });
};

function calls(more: Partial<PulseCalls> = {}): PulseCalls & { readonly timers: Set<() => void> } {
  const timers = new Set<() => void>();
  return {
    timers,
    statfs: async () => ({}),
    hasDevice: async () => true,
    setTimer: (_delayMs, run) => {
      timers.add(run);
      return () => void timers.delete(run);
    },
    ...more,
  };
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

const isAlive = (more: Partial<PulseCalls>, mount = SD) => new Pulse(calls(more)).isAlive(mount!);

describe('whether a mount still has its device', () => {
  it('yes, as long as statfs answers', async () => {
    expect(await isAlive({})).toBe(true);
  });

  it.each(['EIO', 'ENODEV', 'ENXIO', 'ENOTCONN', 'ESHUTDOWN'])('no, when statfs says %s', async (code) => {
    expect(await isAlive({ statfs: failing(code) })).toBe(false);
  });

  it.each([
    'EACCES',
    'ENOENT',
    'EMFILE',
    'EINTR',
  ])('yes, when statfs says %s: that proves nothing', async (code) => {
    expect(await isAlive({ statfs: failing(code) })).toBe(true);
  });

  it('no, when the kernel lost the block device although statfs answers from memory', async () => {
    const asked: string[] = [];
    const hasDevice = async (device: string) => {
      asked.push(device);
      return false;
    };
    expect(await isAlive({ hasDevice })).toBe(false);
    expect(await isAlive({ hasDevice }, RAM)).toBe(true);
    expect(asked).toEqual(['8:17']);
  });

  it('yes while the answer is slow, and it is asked once only', async () => {
    let asked = 0;
    let answer = () => {};
    const statfs = () => {
      asked += 1;
      return new Promise((_, reject) => {
        answer = () => reject(Object.assign(new Error(), { code: 'EIO' }));
      });
    };
    const port = calls({ statfs });
    const pulse = new Pulse(port);
    const first = pulse.isAlive(SD!);
    const beside = pulse.isAlive(SD!);
    await tick();
    for (const run of port.timers) run();
    port.timers.clear();
    expect([await first, await beside]).toEqual([true, true]);
    // Nobody waits a second time.
    expect(await pulse.isAlive(SD!)).toBe(true);
    expect([asked, port.timers.size]).toEqual([1, 0]);
    answer();
    await tick();
    const again = pulse.isAlive(SD!);
    await tick();
    expect(asked).toBe(2);
    answer();
    expect(await again).toBe(false);
    expect(port.timers.size).toBe(0);
  });

  it('no, when the device goes while the answer is slow', async () => {
    let isThere = true;
    const port = calls({ statfs: () => new Promise(() => undefined), hasDevice: async () => isThere });
    const pulse = new Pulse(port);
    const first = pulse.isAlive(SD!);
    await tick();
    for (const run of port.timers) run();
    expect(await first).toBe(true);
    isThere = false;
    expect(await pulse.isAlive(SD!)).toBe(false);
  });

  it('is asked again after an answer', async () => {
    let left = ['EIO', null];
    const statfs = async () => {
      const [code, ...rest] = left;
      left = rest;
      if (code !== null) throw Object.assign(new Error(), { code });
    };
    const pulse = new Pulse(calls({ statfs }));
    expect([await pulse.isAlive(SD!), await pulse.isAlive(SD!)]).toEqual([false, true]);
  });

  it('asks this machine', async () => {
    const [root] = parseMountinfo(Buffer.from('1 0 0:1 / / rw - tmpfs tmpfs rw'));
    expect(await new Pulse().isAlive(root!)).toBe(true);
    const [pulled] = parseMountinfo(Buffer.from('1 0 9999:1 / / rw - ext4 /dev/nope rw'));
    expect(await new Pulse().isAlive(pulled!)).toBe(false);
  });
});

describe('the table of mounts', () => {
  const table = (more: Partial<PulseCalls> = {}, read = async () => Buffer.from(TEXT)) =>
    new MountTable(['/media'], read, new Pulse(calls(more)));

  it('lists storage below the roots that has its device', async () => {
    const { all, live } = await table().list();
    expect(all.map((mount) => mount.mountId)).toEqual([1, 2, 3]);
    expect(live.map((mount) => mount.mountId)).toEqual([2, 3]);
    const pulled = await table({ hasDevice: async () => false }).list();
    expect(pulled.live.map((mount) => mount.mountId)).toEqual([3]);
  });

  it('lets a mount that is not what it seems to be hide no other', async () => {
    const again = `${TEXT}4 1 8:17 / /media/new rw - vfat /dev/sdb1 rw\n`;
    const both = table({}, async () => Buffer.from(again));
    expect((await both.list()).live.map((mount) => mount.mountId)).toEqual([2, 3]);
    const { live } = await both.list((all) => all.filter((mount) => mount.mountId !== 2));
    expect(live.map((mount) => mount.mountId).toSorted()).toEqual([3, 4]);
  });

  it('knows which mount is live', async () => {
    expect(await table().isLive(2)).toBe(true);
    expect(await table().isLive(99)).toBe(false);
    expect(await table({ statfs: failing('EIO') }).isLive(2)).toBe(false);
  });

  it('parses again only when the text changed', async () => {
    let text = TEXT;
    const one = table({}, async () => Buffer.from(text));
    const first = await one.all();
    expect(await one.all()).toBe(first);
    text = '';
    expect(await one.all()).toEqual([]);
  });

  it('rejects without /proc', async () => {
    await expect(table({}, () => Promise.reject(new Error('no /proc'))).list()).rejects.toThrow('no /proc');
  });
});
