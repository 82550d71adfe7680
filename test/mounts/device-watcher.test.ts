import {
  catchError,
  EMPTY,
  map,
  NEVER,
  type Observable,
  of,
  Subject,
  takeUntil,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import {
  LOOK_DEADLINE_MS,
  MAX_FAILURES,
  type WatchedTable,
  watchDevices,
} from '../../adapters/mounts/device-watcher.ts';
import { latestMap } from '../../adapters/mounts/latest-map.ts';
import type { BlockEvent, BlockVolume, DeviceListing } from '../../services/devices/ports.ts';

const scheduler = () => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));

const BLOCK: Omit<BlockVolume, 'key'> = {
  label: null,
  uuid: null,
  fsType: 'vfat',
  sizeBytes: 64,
  readOnly: false,
  system: false,
  inUse: false,
  removable: true,
  hardware: {
    node: '/dev/sda1',
    partition: 1,
    bus: null,
    port: null,
    vendor: null,
    product: null,
    serial: null,
  },
};

const EVENT: BlockEvent = { source: 'kernel', action: 'add', disk: 'sda', sequence: 1, mediumChanged: false };

/**
 * A table over a world that changes at given moments: lower-case letters are disks that are there, as soon as they are
 * looked at; capitals those of which is known what is on them. A look-up makes capitals.
 */
class FakeTable implements WatchedTable {
  readonly heard: BlockEvent[] = [];
  looks = 0;
  lookUps = 0;
  touches = 0;
  running = 0;
  mostRunning = 0;
  isWaiting = false;
  lookUpMs = 0;
  /** Before that, no look-up makes anything known. */
  settledAtMs = 0;
  look$: () => Observable<void> = () => of(undefined);
  readonly #test: TestScheduler;
  readonly #changes: Readonly<Record<number, string>>;
  readonly #known = new Set<string>();
  #seen = '';

  constructor(test: TestScheduler, changes: Readonly<Record<number, string>>) {
    this.#test = test;
    this.#changes = changes;
  }

  hear(event: BlockEvent): void {
    this.heard.push(event);
  }

  touch(): void {
    this.touches += 1;
  }

  look(): Observable<void> {
    this.looks += 1;
    return this.look$().pipe(
      tap(() => {
        const moments = Object.keys(this.#changes).map(Number);
        this.#seen = this.#changes[Math.max(...moments.filter((one) => one <= this.#test.now()))] ?? '';
      }),
    );
  }

  lookUp(): Observable<void> {
    this.lookUps += 1;
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    const wanted = this.#seen;
    const waited$: Observable<unknown> = this.lookUpMs === 0 ? of(0) : timer(this.lookUpMs, this.#test);
    return waited$.pipe(
      map(() => {
        this.running -= 1;
        if (this.#test.now() >= this.settledAtMs) for (const name of wanted) this.#known.add(name);
      }),
    );
  }

  get isIncomplete(): boolean {
    return [...this.#seen].some((name) => !this.#known.has(name));
  }

  listing(): DeviceListing {
    const announced = [...this.#seen].filter((name) => !this.#known.has(name));
    const blocks = [...this.#seen]
      .filter((name) => this.#known.has(name))
      .map((name) => ({ ...BLOCK, key: name.toUpperCase() }));
    return { announced, blocks, mounts: [] };
  }
}

/** Listings as words: `-` when nothing is there. */
const word = ({ announced, blocks }: DeviceListing): string =>
  [...blocks.map(({ key }) => key), ...announced].sort((one, other) => one.localeCompare(other)).join('') ||
  '-';

function watch(
  test: TestScheduler,
  table: FakeTable,
  given: { readonly events?: string; readonly hints?: string } = {},
) {
  const hot = (marbles: string | undefined): Observable<unknown> =>
    marbles === undefined ? NEVER : test.createHotObservable(marbles);
  return watchDevices({
    table,
    events$: hot(given.events).pipe(map(() => EVENT)),
    rescan$: hot(given.hints).pipe(map(() => undefined)),
    scheduler: test,
  }).pipe(map(word));
}

describe('watching devices', () => {
  it('lists all that is there at once, looked into; also when that is nothing', () => {
    const test = scheduler();
    test.run(({ expectObservable }) => {
      const values = { a: 'AB', b: '-' };
      expectObservable(watch(test, new FakeTable(test, { 0: 'ab' })), '5s !').toBe('a', values);
      expectObservable(watch(test, new FakeTable(test, { 0: '' })), '5s !').toBe('b', values);
    });
  });

  it('waits with the first list until all that is there was looked into, for 10 s at most', () => {
    const test = scheduler();
    test.run(({ expectObservable }) => {
      const late = new FakeTable(test, { 0: 'ab', 5000: 'abc' });
      late.settledAtMs = 1_900;
      // Looked at each second, and looked into when it was quiet for 200 ms.
      expectObservable(watch(test, late), '4s !').toBe('2s 200ms a', { a: 'AB' });
      const never = new FakeTable(test, { 0: 'ab' });
      never.settledAtMs = Number.POSITIVE_INFINITY;
      expectObservable(watch(test, never), '60s !').toBe('10s a', { a: 'ab' });
    });
  });

  it('says nothing while nothing changes, and looks once a second', () => {
    const test = scheduler();
    const table = new FakeTable(test, { 0: 'a' });
    test.run(({ expectObservable }) => {
      expectObservable(watch(test, table), '60s !').toBe('a', { a: 'A' });
    });
    expect(table.looks).toBe(60);
    expect(table.lookUps).toBe(1);
  });

  it('announces at once what an event tells of, and looks into it when it was quiet for 200 ms', () => {
    const test = scheduler();
    const table = new FakeTable(test, { 0: '', 1500: 'a' });
    test.run(({ expectObservable }) => {
      const listing$ = watch(test, table, { events: '1500ms e' });
      expectObservable(listing$, '5s !').toBe('a 1499ms b 199ms c', { a: '-', b: 'a', c: 'A' });
    });
    expect(table.heard).toEqual([EVENT]);
  });

  it('says at once what is gone', () => {
    const test = scheduler();
    test.run(({ expectObservable }) => {
      const listing$ = watch(test, new FakeTable(test, { 0: 'ab', 1500: 'b' }), { events: '1500ms e' });
      expectObservable(listing$, '5s !').toBe('a 1499ms b', { a: 'AB', b: 'B' });
    });
  });

  it('looks at once, in every detail, when it gets a hint', () => {
    const test = scheduler();
    const table = new FakeTable(test, { 0: '', 600: 'a' });
    test.run(({ expectObservable }) => {
      const listing$ = watch(test, table, { hints: '610ms h' });
      expectObservable(listing$, '3s !').toBe('a 609ms b 199ms c', { a: '-', b: 'a', c: 'A' });
    });
    expect(table.touches).toBe(1);
  });

  it('finds by polling what nothing told of', () => {
    const test = scheduler();
    test.run(({ expectObservable }) => {
      const listing$ = watch(test, new FakeTable(test, { 0: '', 600: 'a' }));
      expectObservable(listing$, '3s !').toBe('a 999ms b 199ms c', { a: '-', b: 'a', c: 'A' });
    });
  });

  it('goes on when events or hints fail or end', () => {
    for (const given of [
      { events: '100ms #' },
      { events: '100ms |' },
      { hints: '100ms #' },
      { hints: '100ms |' },
    ]) {
      const test = scheduler();
      test.run(({ expectObservable }) => {
        const listing$ = watch(test, new FakeTable(test, { 0: '', 600: 'a' }), given);
        expectObservable(listing$, '3s !').toBe('a 999ms b 199ms c', { a: '-', b: 'a', c: 'A' });
      });
    }
  });

  it('looks into several disks at once when they come in a row', () => {
    const test = scheduler();
    const table = new FakeTable(test, { 0: '', 100: 'a', 150: 'ab', 250: 'abc' });
    test.run(({ expectObservable }) => {
      const listing$ = watch(test, table, { events: '100ms e 49ms e 99ms e' });
      const values = { a: '-', b: 'a', c: 'ab', d: 'abc', e: 'ABC' };
      expectObservable(listing$, '900ms !').toBe('a 99ms b 49ms c 99ms d 49ms e', values);
    });
    expect(table.lookUps).toBe(2);
  });

  it('looks again soon while something has not settled', () => {
    const test = scheduler();
    const table = new FakeTable(test, { 0: '' });
    table.isWaiting = true;
    test.run(({ expectObservable }) => {
      expectObservable(watch(test, table), '999ms !').toBe('a', { a: '-' });
    });
    // At 0, 320, 640, 960.
    expect(table.looks).toBe(4);
  });

  it('costs one look-up at a time in a storm of 1,000 events, and one that waits', () => {
    const test = scheduler();
    test.run(({ hot, flush }) => {
      const all = Array.from({ length: 26 }, (_, index) => String.fromCharCode(97 + index));
      const changes = Object.fromEntries(all.map((_, index) => [index * 400, all.slice(0, index).join('')]));
      const table = new FakeTable(test, changes);
      table.lookUpMs = 3_000;
      const events = Array.from({ length: 1_000 }, () => 'e').join(' 9ms ');
      let listings = 0;
      watch(test, table, { events: `3001ms ${events}` })
        .pipe(takeUntil(hot('13s x')))
        .subscribe(() => {
          listings += 1;
        });
      flush();
      expect(table.looks).toBeGreaterThan(900);
      expect(table.mostRunning).toBe(1);
      expect(table.lookUps).toBeLessThanOrEqual(5);
      expect(listings).toBeGreaterThan(20);
    });
  });

  it('announces and takes away while a look-up hangs', () => {
    const test = scheduler();
    const table = new FakeTable(test, { 0: '', 100: 'a', 400: '', 600: 'b' });
    test.run(({ expectObservable }) => {
      const listing$ = watch(test, table, { events: '100ms e 299ms e 199ms e' }).pipe(
        tap(() => {
          table.lookUpMs = 60_000;
        }),
      );
      const values = { a: '-', b: 'a', c: 'b' };
      expectObservable(listing$, '20s !').toBe('a 99ms b 299ms a 199ms c', values);
    });
  });

  it('survives looks that fail for a while, and says so when they fail for good', () => {
    const failing = (times: number) => {
      let looks = 0;
      return () => {
        looks += 1;
        return looks <= times ? throwError(() => 'EMFILE') : of(undefined);
      };
    };
    const test = scheduler();
    test.run(({ expectObservable }) => {
      const soon = new FakeTable(test, { 0: 'a' });
      soon.look$ = failing(MAX_FAILURES - 1);
      expectObservable(watch(test, soon), '20s !').toBe('9s a', { a: 'A' });
      const never = new FakeTable(test, { 0: 'a' });
      never.look$ = failing(Number.POSITIVE_INFINITY);
      expectObservable(watch(test, never)).toBe('9s #', {}, 'EMFILE');
    });
  });

  it('errors when a look hangs: nobody would see the next card, and the light would stay green', () => {
    const test = scheduler();
    test.run(({ expectObservable }) => {
      const table = new FakeTable(test, { 0: 'a' });
      table.look$ = () => (table.looks === 1 ? of(undefined) : NEVER);
      const words$ = watch(test, table).pipe(catchError((error: Error) => of(error.message)));
      const told = 'the devices could not be read for 30 s';
      // The second look begins at the next poll, after a second.
      expectObservable(words$).toBe('a 30999ms (b|)', { a: 'A', b: told });
    });
  });

  it('does not mind a look that is slow', () => {
    const test = scheduler();
    test.run(({ expectObservable }) => {
      const table = new FakeTable(test, { 0: 'a' });
      table.look$ = () => timer(LOOK_DEADLINE_MS - 1, test).pipe(map(() => undefined));
      expectObservable(watch(test, table), '200s !').toBe('29999ms a', { a: 'A' });
    });
  });

  it('counts failures in a row only, and each watcher for itself', () => {
    const test = scheduler();
    test.run(({ expectObservable }) => {
      let looks = 0;
      const table = new FakeTable(test, { 0: 'a' });
      table.look$ = () => {
        looks += 1;
        return looks % MAX_FAILURES === 0 ? of(undefined) : throwError(() => 'EMFILE');
      };
      expectObservable(watch(test, table), '60s !').toBe('9s a', { a: 'A' });
    });
  });

  it('leaves its sources, timers and look-ups when it is left, 200 times', () => {
    const test = scheduler();
    const table = new FakeTable(test, { 0: 'a' });
    table.isWaiting = true;
    const events$ = new Subject<BlockEvent>();
    const rescan$ = new Subject<void>();
    test.run(({ flush }) => {
      const listing$ = watchDevices({ table, events$, rescan$, scheduler: test });
      expect(table.looks).toBe(0);
      for (let i = 0; i < 200; i += 1) {
        const subscription = listing$.subscribe();
        events$.next(EVENT);
        subscription.unsubscribe();
      }
      const looks = table.looks;
      expect(events$.observed || rescan$.observed).toBe(false);
      flush();
      expect(table.looks).toBe(looks);
    });
  });
});

describe('latestMap', () => {
  it('maps what comes while it is idle, and the newest of what comes while it is busy', () => {
    const test = scheduler();
    test.run(({ hot, cold, expectObservable }) => {
      const source = hot('a-bcd-----e|');
      const mapped = source.pipe(latestMap((name) => cold('---x|').pipe(map(() => name))));
      expectObservable(mapped).toBe('---a---d-----e|');
    });
  });

  it('completes at once when it is idle, also after values that were mapped at once', () => {
    const test = scheduler();
    test.run(({ hot, expectObservable }) => {
      expectObservable(hot('a-b-|').pipe(latestMap((name) => of(name)))).toBe('a-b-|');
      expectObservable(hot('a-b-|').pipe(latestMap(() => EMPTY))).toBe('----|');
    });
  });

  it('fails as the source or a mapping fails', () => {
    const test = scheduler();
    test.run(({ hot, expectObservable }) => {
      expectObservable(hot('-#').pipe(latestMap((name) => of(name)))).toBe('-#');
      expectObservable(hot('-a').pipe(latestMap(() => throwError(() => 'error')))).toBe('-#');
    });
  });

  it('leaves source and mapping when it is left', () => {
    const test = scheduler();
    test.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('a-------');
      const inner = hot('--------');
      expectObservable(source.pipe(latestMap(() => inner)), '---!').toBe('');
      expectSubscriptions(source.subscriptions).toBe('^--!');
      expectSubscriptions(inner.subscriptions).toBe('^--!');
    });
  });
});
