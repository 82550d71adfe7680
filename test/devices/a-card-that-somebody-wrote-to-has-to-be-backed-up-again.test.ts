import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { adopted } from './journal.ts';
import { type Bench, block, identity } from './memory.ts';
import { started } from './plugged.ts';

async function withCard(): Promise<Bench & { readonly review: () => Promise<readonly string[]> }> {
  const review$ = new Subject<void>();
  const one = await started({ review$ });
  one.machine.plug(block('sda1'), { camera: true });
  await one.news();
  const review = () => {
    review$.next();
    return one.news();
  };
  return { ...one, review };
}

const AGAIN = [
  'DeviceAnnounced /dev/sda1',
  'CardDetached uuid-sda1+64000000000',
  'CardAttached SDA1 auto',
  'DeviceSettled /dev/sda1',
];

describe('a card that we only read', () => {
  it('and that nobody wrote to stays as it is', async () => {
    const { service, review } = await withCard();
    expect([...(await review()), ...(await review())]).toEqual([]);
    await service.stop();
  });

  it('and that was written to is announced before it is let go, and comes anew, once', async () => {
    const { machine, service, review } = await withCard();
    machine.written.set('/dev/sda1', 8);
    expect(await review()).toEqual(AGAIN);
    expect(await review()).toEqual([]);
    await service.stop();
  });

  it('and that got a new file system is another card', async () => {
    const { machine, service, news } = await withCard();
    const [card] = machine.blocks$.value;
    if (card === undefined) throw new Error('no card');
    machine.blocks$.next([{ ...card, uuid: 'other' }]);
    expect(await news()).toEqual([
      'DeviceAnnounced /dev/sda1',
      'CardDetached uuid-sda1+64000000000',
      'CardAttached SDA1 auto',
      'DeviceSettled /dev/sda1',
    ]);
    expect(service.attached.cards.map(({ id }) => id)).toEqual(['other+64000000000']);
    await service.stop();
  });
});

it('a drive that is written to is no card', async () => {
  const review$ = new Subject<void>();
  const fact = adopted('d1', 'uuid-disk');
  const { machine, service, news } = await started({ review$, journal: [fact] });
  machine.plug(block('disk'), { identity: identity('d1', 'uuid-disk') });
  await news();
  machine.written.set('/dev/disk', 4096);
  review$.next();
  expect(await news()).toEqual([]);
  await service.stop();
});
