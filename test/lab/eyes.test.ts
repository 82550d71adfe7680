import { describe, expect, it } from 'vitest';
import { Eyes } from './vm/eyes.ts';
import type { Guest, GuestLine } from './vm/guest.ts';

const guestWith = (...lines: readonly string[]): Guest => {
  const seen: GuestLine[] = lines.map((line, at) => ({ tag: 'eyes', line, atMs: at * 10 }));
  const guest: Pick<Guest, 'lines' | 'launch'> = {
    lines: [{ tag: 'somebody', line: '1 0 sda :', atMs: 0 }, ...seen],
    launch: () => Promise.resolve(),
  };
  return guest as Guest;
};

describe('what is seen in the guest', () => {
  it('is light, disks, mounted cards and what is on its way', async () => {
    const eyes = await Eyes.open(guestWith('1 0 sda sda1 :', '0 2 sda sdb sdb1 : /media/imagetank/sdb1'));
    expect(eyes.sights).toEqual([
      { atMs: 0, green: true, incoming: false, disks: ['sda', 'sda1'], cards: [] },
      {
        atMs: 10,
        green: false,
        incoming: true,
        disks: ['sda', 'sdb', 'sdb1'],
        cards: ['/media/imagetank/sdb1'],
      },
    ]);
  });

  it('is green when the last sight was', async () => {
    expect((await Eyes.open(guestWith('0 0 :', '1 0 :'))).seeGreen).toBe(true);
    expect((await Eyes.open(guestWith('1 0 :', '0 0 :'))).seeGreen).toBe(false);
  });

  it('may be a box without any disk', async () => {
    const [sight] = (await Eyes.open(guestWith('0 0  :'))).sights;
    expect(sight).toMatchObject({ disks: [], cards: [] });
  });
});
