import { describe, expect, it } from 'vitest';
import { MAX_WAITING, Serial } from '../../services/devices/serial.ts';

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}

describe('serial', () => {
  it('runs one task after another, failed ones too', async () => {
    const serial = new Serial();
    const { open, opened } = gate();
    const order: string[] = [];
    const first = serial.run(async () => {
      await opened;
      order.push('first');
      throw new Error('no');
    });
    const second = serial.run(async () => order.push('second'));
    open();
    await expect(first).rejects.toThrow('no');
    await second;
    expect(order).toEqual(['first', 'second']);
  });

  it('refuses requests when too many wait, and takes them again afterwards', async () => {
    const serial = new Serial();
    const { open, opened } = gate();
    const waiting = Array.from({ length: MAX_WAITING }, () => serial.request(() => opened));
    await expect(serial.request(async () => 1)).rejects.toMatchObject({ code: 'busy', exitCode: 75 });
    // A listing of volumes is never refused: nobody would send it again.
    const listing = serial.run(async () => 2);
    open();
    await Promise.all(waiting);
    expect(await listing).toBe(2);
    expect(await serial.request(async () => 3)).toBe(3);
  });

  it('finishes what it accepted before it is closed, and accepts nothing more', async () => {
    const serial = new Serial();
    const { open, opened } = gate();
    let done = false;
    const task = serial.run(async () => {
      await opened;
      done = true;
    });
    const closed = serial.close();
    await expect(serial.run(async () => 1)).rejects.toMatchObject({ code: 'stopping', exitCode: 75 });
    open();
    await closed;
    expect(done).toBe(true);
    await task;
  });
});
