import {
  NEVER,
  type Observable,
  type ObservableInput,
  of,
  Subject,
  takeUntil,
  throwError,
  timer,
} from 'rxjs';
import { map } from 'rxjs/operators';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { latestMap } from '../../adapters/mounts/latest-map.ts';
import type { Listing } from '../../adapters/mounts/mount-table.ts';
import { MAX_FAILURES, watchVolumes } from '../../adapters/mounts/mount-watcher.ts';
import { parseMountinfo } from '../../adapters/mounts/mountinfo.ts';
import type { MountedVolume } from '../../services/devices/ports.ts';
import { volume } from '../devices/memory.ts';

const scheduler = () => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));

/** `ab`: two mounts, named by their letters; upper case means read-only. */
function listing(names: string): Listing {
  const lines = [...names].map((name) => {
    const option = name === name.toUpperCase() ? 'ro' : 'rw';
    const id = name.toLowerCase().charCodeAt(0);
    return `${id} 1 8:${id} / /media/${name.toLowerCase()} ${option} - vfat /dev/${name.toLowerCase()} rw`;
  });
  const live = parseMountinfo(Buffer.from(lines.join('\n')));
  return { all: live, live };
}

const describeAll = (found: Listing): readonly MountedVolume[] =>
  found.live.map((mount) => volume(mount.mountPoint, { mountId: mount.mountId }));

/** Volumes as the names of their mounts. */
const names = (volumes: readonly MountedVolume[]): string =>
  volumes.map((one) => String.fromCharCode(one.mountId)).join('');

/** Watches mounts that change at given moments; `hints` are marbles. */
function watch(
  test: TestScheduler,
  changes: Readonly<Record<number, string>>,
  given: { hints?: string; describeMs?: number; list?: () => ObservableInput<Listing> } = {},
) {
  const now = (): string => {
    const moments = Object.keys(changes).map(Number);
    return changes[Math.max(...moments.filter((moment) => moment <= test.now()))] ?? '';
  };
  const hints$: Observable<unknown> =
    given.hints === undefined ? NEVER : test.createHotObservable(given.hints);
  return watchVolumes({
    list: given.list ?? (() => of(listing(now()))),
    describe: (found) => {
      const described = describeAll(found);
      return given.describeMs === undefined
        ? of(described)
        : timer(given.describeMs, test).pipe(map(() => described));
    },
    rescan$: hints$.pipe(map(() => undefined)),
    scheduler: test,
  }).pipe(map(names));
}

describe('watching volumes', () => {
  it('lists at once what is there, also when that is nothing', () => {
    const test = scheduler();
    test.run(({ expectObservable }) => {
      expectObservable(watch(test, { 0: 'ab' }), '2s !').toBe('a', { a: 'ab' });
      expectObservable(watch(test, { 0: '' }), '2s !').toBe('a', { a: '' });
    });
  });

  it('lists again when something came or went, once it has been quiet for 300 ms', () => {
    const test = scheduler();
    test.run(({ expectObservable }) => {
      const volumes$ = watch(test, { 0: '', 600: 'a', 3200: '' });
      expectObservable(volumes$, '6s !').toBe('a 1299ms b 2499ms c', { a: '', b: 'a', c: '' });
    });
  });

  it('says nothing while nothing changes', () => {
    const test = scheduler();
    test.run(({ expectObservable }) => {
      expectObservable(watch(test, { 0: 'a' }), '10m !').toBe('a', { a: 'a' });
    });
  });

  it('tells a remount as read-only', () => {
    const test = scheduler();
    test.run(({ expectObservable }) => {
      const volumes$ = watch(test, { 0: 'a', 600: 'A' });
      expectObservable(volumes$, '3s !').toBe('a 1299ms b', { a: 'a', b: 'a' });
    });
  });

  it('makes one listing of several changes in a row', () => {
    const test = scheduler();
    test.run(({ expectObservable }) => {
      const volumes$ = watch(
        test,
        { 0: '', 600: 'a', 1100: 'ab', 1300: 'abc' },
        { hints: '1200ms a 149ms b' },
      );
      // Seen at 1000 (a), 1200 (ab), 1350 (abc); quiet until 1650.
      expectObservable(volumes$, '3s !').toBe('a 1649ms b', { a: '', b: 'abc' });
    });
  });

  it('looks at once when it gets a hint', () => {
    const test = scheduler();
    test.run(({ expectObservable }) => {
      const volumes$ = watch(test, { 0: '', 600: 'a' }, { hints: '610ms h' });
      expectObservable(volumes$, '3s !').toBe('a 909ms b', { a: '', b: 'a' });
    });
  });

  it('goes on polling when the hints fail or end', () => {
    for (const hints of ['100ms #', '100ms |']) {
      const test = scheduler();
      test.run(({ expectObservable }) => {
        const volumes$ = watch(test, { 0: '', 600: 'a' }, { hints });
        expectObservable(volumes$, '3s !').toBe('a 1299ms b', { a: '', b: 'a' });
      });
    }
  });

  it('coalesces a storm of 1,000 changes, and reports every 2 s while it lasts', () => {
    const test = scheduler();
    test.run(({ hot, flush }) => {
      const hints = Array.from({ length: 1000 }, () => 'h').join(' 9ms ');
      let reads = 0;
      const list = () => {
        reads += 1;
        return of(listing(reads % 2 === 0 ? 'a' : 'ab'));
      };
      const seenAtMs: number[] = [];
      watch(test, {}, { hints: `1ms ${hints}`, list })
        .pipe(takeUntil(hot('10s x')))
        .subscribe(() => seenAtMs.push(test.now()));
      flush();
      expect(reads).toBeGreaterThan(1000);
      expect(seenAtMs).toEqual([0, 2001, 4011, 6021, 8031]);
    });
  });

  it('describes one listing at a time, then only the newest', () => {
    const test = scheduler();
    test.run(({ expectObservable }) => {
      const changes = { 0: 'a', 400: 'ab', 1400: 'abc', 2400: 'abcd' };
      const volumes$ = watch(test, changes, { describeMs: 3000 });
      expectObservable(volumes$, '8s !').toBe('3000ms a 2999ms b', { a: 'a', b: 'abcd' });
    });
  });

  it('survives reads that fail for a while, and says so when they fail for good', () => {
    const failing = (times: number) => {
      let reads = 0;
      return () => {
        reads += 1;
        return reads <= times ? throwError(() => 'EMFILE') : of(listing('a'));
      };
    };
    const test = scheduler();
    test.run(({ expectObservable }) => {
      const list = failing(MAX_FAILURES - 1);
      expectObservable(watch(test, {}, { list }), '9s !').toBe('4500ms a', { a: 'a' });
      const never = failing(Number.POSITIVE_INFINITY);
      expectObservable(watch(test, {}, { list: never })).toBe('4500ms #', {}, 'EMFILE');
    });
  });

  it('counts failures in a row only, and each watcher for itself', () => {
    const test = scheduler();
    test.run(({ expectObservable }) => {
      let reads = 0;
      const list = () => {
        reads += 1;
        return reads % MAX_FAILURES === 0 ? of(listing('a')) : throwError(() => 'EMFILE');
      };
      expectObservable(watch(test, {}, { list }), '60s !').toBe('4500ms a', { a: 'a' });
    });
  });

  it('asks nothing before it is subscribed and after it is left, 200 times', () => {
    const hints = new Subject<void>();
    let reads = 0;
    const volumes$ = watchVolumes({
      list: () => {
        reads += 1;
        return of(listing('a'));
      },
      describe: (found) => of(describeAll(found)),
      rescan$: hints,
    });
    for (let i = 0; i < 200; i += 1) volumes$.subscribe().unsubscribe();
    expect(hints.observed).toBe(false);
    hints.next();
    expect(reads).toBe(0);
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
