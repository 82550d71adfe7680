/** The parts as they are put together, over a machine in memory; and over this one. */
import { filter, firstValueFrom, type Observable, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { openMounts } from '../../adapters/mounts/open-mounts.ts';
import type { BlockEvent, DeviceListing } from '../../services/devices/ports.ts';
import { FakeMachine } from './fake-machine.ts';
import { cardA, USB_DRIVE } from './machines.ts';

const RAM = '7 1 0:50 / /media/ram rw - tmpfs tmpfs rw';

async function open(machine: FakeMachine) {
  const events$ = new Subject<BlockEvent>();
  const rescan$ = new Subject<void>();
  const { files, runTool, readMountinfo } = machine;
  const options = { roots: ['/media'], stateDir: '/var/lib/imagetank', files, runTool, readMountinfo };
  return { events$, rescan$, ...(await openMounts({ ...options, events$, rescan$ })) };
}

/** The first listing of which this is true. */
const when = (listing$: Observable<DeviceListing>, is: (listing: DeviceListing) => boolean) =>
  firstValueFrom(listing$.pipe(filter(is)));

const event = (source: BlockEvent['source'], action: BlockEvent['action']): BlockEvent => ({
  source,
  action,
  disk: 'sda',
  sequence: 1,
  mediumChanged: false,
});

describe('the devices and mounts of a machine', () => {
  it('are one stream: at the start, announced, known, gone', async () => {
    const machine = new FakeMachine(USB_DRIVE);
    machine.mount(RAM);
    const { listing$, events$ } = await open(machine);
    const seen: DeviceListing[] = [];
    const subscription = listing$.subscribe((listing) => seen.push(listing));
    await when(listing$, () => seen.length > 0 || true);
    machine.put(cardA(17));
    const announced = when(listing$, (listing) => listing.announced.length > 0);
    events$.next(event('kernel', 'add'));
    expect((await announced).announced).toEqual(['/dev/sda']);
    const known = when(listing$, (listing) => listing.blocks.length === 2);
    events$.next(event('udev', 'add'));
    expect((await known).announced).toEqual([]);
    const gone = when(listing$, (listing) => listing.blocks.length === 1);
    machine.pull('sda');
    events$.next(event('kernel', 'remove'));
    await gone;
    subscription.unsubscribe();
    const keys = seen.map(({ announced: nodes, blocks }) => [...nodes, ...blocks.map((block) => block.key)]);
    expect(keys).toEqual([['sdc2#5'], ['/dev/sda', 'sdc2#5'], ['sda1#17', 'sdc2#5'], ['sdc2#5']]);
    expect(seen[0]?.mounts).toMatchObject([{ path: '/media/ram', block: null }]);
  });

  it('are watched once for all who listen, and not at all when nobody does', async () => {
    const machine = new FakeMachine(cardA(1));
    const { listing$, events$, rescan$ } = await open(machine);
    expect(events$.observed).toBe(false);
    for (let i = 0; i < 200; i += 1) {
      const both = [listing$.subscribe(), listing$.subscribe()];
      expect(events$.observers).toHaveLength(1);
      for (const one of both) one.unsubscribe();
    }
    expect(events$.observed || rescan$.observed).toBe(false);
  });

  it('are listed on this machine', async () => {
    const { listing$, places } = await openMounts({ roots: [], stateDir: '/', rescan$: new Subject<void>() });
    const listing = await firstValueFrom(listing$);
    expect(listing.mounts).toEqual([]);
    const root = await places.volumeOf('/');
    expect(root).toMatchObject({ path: '/', system: true });
    const block = listing.blocks.find((one) => one.hardware.node === root.device);
    // In a container `/` may be on no block device at all.
    expect(block?.system ?? true).toBe(true);
  });
});
