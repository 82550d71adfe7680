import { describe, expect, test } from 'vitest';
import { relativePath } from '../../machines/ids.ts';
import type { GroupState, PlannedFile, PlanStore } from '../../services/backup/ports.ts';
import type { ShotGroup } from '../../services/library/groups.ts';

const at = (index: number, mtimeMs = index, path = `DCIM/IMG_${index}.JPG`): PlannedFile => ({
  kind: 'file',
  path: relativePath(path),
  index,
  sizeBytes: index * 10,
  mtimeMs,
});
const alone = (...files: PlannedFile[]): ShotGroup<PlannedFile>[] =>
  files.map((file) => ({ members: [file] }));
const numbers = (groups: Iterable<{ readonly number: number }>) => [...groups].map(({ number }) => number);

/** More than any page of it. */
const MANY = 1000;

export function planStoreContract(name: string, open: () => PlanStore): void {
  const withStore = (check: (store: PlanStore) => void) => () => {
    const store = open();
    try {
      check(store);
    } finally {
      store.close();
    }
  };

  describe(`a plan ${name}`, () => {
    test(
      'gives groups as they were added, with all that is known of their files',
      withStore((store) => {
        const raw: PlannedFile = { ...at(2, 0.125), pathBase64: '6S5KUEc=', sizeBytes: 2 ** 45 };
        store.addGroups([{ members: [at(1), at(0, -5)] }]);
        store.addGroups(alone(raw));
        expect([...store.groups('scan')]).toEqual([
          { number: 0, group: { members: [at(1), at(0, -5)] }, states: [] },
          { number: 1, group: { members: [raw] }, states: [] },
        ]);
      }),
    );

    test(
      'is empty at first',
      withStore((store) => {
        for (const order of ['scan', 'newest', 'copying', 'counting'] as const)
          expect([...store.groups(order)]).toEqual([]);
        expect([...store.unreadable()]).toEqual([]);
        expect(store.find(at(0))).toBeNull();
      }),
    );

    test(
      'takes nothing as nothing',
      withStore((store) => {
        store.addGroups([]);
        store.addUnreadable([]);
        store.decide([]);
        expect([...store.groups('scan')]).toEqual([]);
      }),
    );

    test(
      'lists the newest first, by the newest file of each group; of one age as they were added',
      withStore((store) => {
        store.addGroups([{ members: [at(0, 10), at(1, 50)] }, ...alone(at(2, 40), at(3, 60), at(4, 40))]);
        expect(numbers(store.groups('newest'))).toEqual([2, 0, 1, 3]);
        store.addGroups(alone(at(5, 45)));
        expect(numbers(store.groups('newest'))).toEqual([2, 0, 4, 1, 3]);
      }),
    );

    test(
      'lists for copying what was decided: urgent ones first, newest first inside',
      withStore((store) => {
        store.addGroups(alone(at(0, 10), at(1, 20), at(2, 30), at(3, 40), at(4, 50)));
        store.decide([0, 1, 2, 3].map((number) => ({ number, states: ['new'], urgent: number < 2 })));
        expect(numbers(store.groups('copying'))).toEqual([1, 0, 3, 2]);
      }),
    );

    test(
      'lists for counting what was decided: urgent ones first, oldest first inside, of one age as they were added',
      withStore((store) => {
        store.addGroups(alone(at(0, 30), at(1, 20), at(2, 20), at(3, 10), at(4, 50), at(5, 5)));
        store.decide([0, 1, 2, 3, 4].map((number) => ({ number, states: ['new'], urgent: number < 3 })));
        expect(numbers(store.groups('counting'))).toEqual([1, 2, 0, 3, 4]);
        store.decide([{ number: 5, states: ['new'], urgent: true }]);
        expect(numbers(store.groups('counting'))).toEqual([5, 1, 2, 0, 3, 4]);
      }),
    );

    test(
      'lists any number for counting, each once and in order',
      withStore((store) => {
        store.addGroups(alone(...Array.from({ length: MANY }, (_, n) => at(n, n % 7))));
        store.decide(
          Array.from({ length: MANY }, (_, number) => ({
            number,
            states: ['new'],
            urgent: number % 3 === 0,
          })),
        );
        const listed = numbers(store.groups('counting'));
        const sorted = [...listed].sort(
          (a, b) => Number(a % 3 !== 0) - Number(b % 3 !== 0) || (a % 7) - (b % 7) || a - b,
        );
        expect(listed).toEqual(sorted);
        expect(new Set(listed).size).toBe(MANY);
      }),
    );

    test(
      'keeps what was decided last, one state a drive',
      withStore((store) => {
        store.addGroups(alone(at(0), at(1)));
        const states: GroupState[] = ['left-out', 'known', 'none'];
        store.decide([{ number: 0, states: ['new', 'maybe', 'duplicate'], urgent: true }]);
        store.decide([
          { number: 0, states, urgent: false },
          { number: 1, states: ['new'], urgent: true },
        ]);
        expect([...store.groups('copying')].map((each) => each.states)).toEqual([['new'], states]);
        expect([...store.groups('scan')].map((each) => each.states)).toEqual([states, ['new']]);
      }),
    );

    test.each(['scan', 'newest'] as const)('may be decided while it lists by %s', (order) =>
      withStore((store) => {
        store.addGroups(alone(...Array.from({ length: MANY }, (_, n) => at(n, n % 7))));
        let seen = 0;
        for (const { number } of store.groups(order)) {
          seen += 1;
          store.decide([{ number, states: ['left-out'], urgent: seen % 2 === 0 }]);
        }
        expect(seen).toBe(MANY);
        expect(new Set(numbers(store.groups('copying'))).size).toBe(MANY);
      })());

    test(
      'lists any number, each once and in order, whatever is listed beside it',
      withStore((store) => {
        store.addGroups(alone(...Array.from({ length: MANY }, (_, n) => at(n, n % 7))));
        store.decide(
          Array.from({ length: MANY }, (_, number) => ({
            number,
            states: ['new'],
            urgent: number % 3 === 0,
          })),
        );
        expect(numbers(store.groups('scan'))).toEqual(Array.from({ length: MANY }, (_, n) => n));
        const listed: { readonly number: number; readonly urgent: boolean; readonly mtimeMs: number }[] = [];
        for (const { number } of store.groups('copying')) {
          listed.push({ number, urgent: number % 3 === 0, mtimeMs: number % 7 });
          // Left half-way, which must not disturb the first one.
          for (const _ of store.groups('copying')) break;
        }
        const sorted = [...listed].sort(
          (a, b) => Number(b.urgent) - Number(a.urgent) || b.mtimeMs - a.mtimeMs || a.number - b.number,
        );
        expect(listed).toEqual(sorted);
        expect(new Set(listed.map(({ number }) => number)).size).toBe(MANY);
      }),
    );

    test(
      'finds a file by its name and the bytes of its name',
      withStore((store) => {
        const plain = at(0, 1, 'DCIM/\ufffd.JPG');
        const raw = (index: number, pathBase64: string) => ({
          ...at(index, 1, 'DCIM/\ufffd.JPG'),
          pathBase64,
        });
        store.addGroups([{ members: [plain, raw(1, 'YWE=')] }, { members: [raw(2, 'YWI=')] }]);
        expect(store.find({ path: plain.path })).toEqual(plain);
        expect(store.find({ path: plain.path, pathBase64: 'YWI=' })?.index).toBe(2);
        expect(store.find({ path: plain.path, pathBase64: 'YWE=' })?.index).toBe(1);
        expect(store.find({ path: plain.path, pathBase64: 'YWM=' })).toBeNull();
        expect(store.find({ path: relativePath('DCIM/IMG_0.JPG') })).toBeNull();
      }),
    );

    test(
      'keeps what could not be listed, in order',
      withStore((store) => {
        const failures = Array.from({ length: MANY }, (_, n) => ({
          path: relativePath(`PRIVATE/${n}`),
          reason: 'card-unreadable' as const,
          detail: 'EIO: "quoted"\n',
          ...(n % 2 === 0 ? { pathBase64: 'YWI=' } : {}),
        }));
        store.addUnreadable(failures.slice(0, 1));
        store.addUnreadable(failures.slice(1));
        expect([...store.unreadable()]).toEqual(failures);
      }),
    );

    test('is closed once, however often it is told', () => {
      const store = open();
      store.addGroups(alone(at(0)));
      store.close();
      expect(() => store.close()).not.toThrow();
    });
  });
}
