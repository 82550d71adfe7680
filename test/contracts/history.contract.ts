import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import { backupId } from '../../machines/ids.ts';
import {
  failed,
  file,
  finished,
  interrupted,
  planned,
  settled,
  stampAt,
  stamped,
  started,
} from '../journal/facts.ts';
import type { StoreSubject } from './store-subject.ts';

/** What every `History` must answer; how a row is folded is in `test/projections/history.test.ts`. */
export function historyContract(name: string, setUp: () => Promise<StoreSubject>): void {
  describe(`History: ${name}`, () => {
    let subject: StoreSubject;
    let second = 0;
    beforeEach(async () => {
      second = 0;
      subject = await setUp();
    });
    afterEach(() => subject.cleanUp());
    const history = () => subject.store.history;
    const given = async (...facts: readonly Fact[]) => {
      await subject.store.log.append(stamped(facts, second));
      second += facts.length;
    };
    const ids = (last?: number) =>
      history()
        .rows(last === undefined ? {} : { last })
        .map(({ id }) => id);

    it('is empty at first', () => {
      expect([history().rows(), history().find(backupId('b1'))]).toEqual([[], null]);
    });

    it('keeps one row a backup, oldest first, whatever order they end in', async () => {
      await given(
        planned('b2'),
        planned('b1'),
        planned('b3'),
        finished('b3'),
        failed('b1'),
        interrupted('b2'),
      );
      expect(
        history()
          .rows()
          .map(({ id, outcome }) => `${id} ${outcome}`),
      ).toEqual(['b2 interrupted', 'b1 failed', 'b3 done']);
    });

    it('gives the last rows, oldest first', async () => {
      await given(planned('b1'), planned('b2'), planned('b3'));
      expect([ids(2), ids(1), ids(9)]).toEqual([['b2', 'b3'], ['b3'], ['b1', 'b2', 'b3']]);
      expect(ids(0)).toEqual([]);
    });

    it('gives the last rows before one, oldest first, and none before one that is not there', async () => {
      await given(planned('b1'), planned('b2'), planned('b3'), planned('b4'));
      const earlier = (id: string, last?: number) =>
        history()
          .rows({ before: backupId(id), ...(last === undefined ? {} : { last }) })
          .map((row) => row.id);
      expect([earlier('b4'), earlier('b4', 2), earlier('b2', 9)]).toEqual([
        ['b1', 'b2', 'b3'],
        ['b2', 'b3'],
        ['b1'],
      ]);
      expect([earlier('b1'), earlier('b9'), earlier('b3', 0)]).toEqual([[], [], []]);
    });

    it('finds one row', async () => {
      await given(planned('b1'), settled('b1', { copied: [file('a.jpg')] }), finished('b1'));
      expect(history().find(backupId('b1'))).toEqual({
        id: 'b1',
        card: 'label A',
        cardId: 'A',
        drives: [{ id: 'D', outcome: 'done', reason: null, verifiedFrom: 'medium', files: 3, bytes: 30 }],
        startedAt: stampAt(0).at,
        finishedAt: stampAt(2).at,
        outcome: 'done',
        reason: null,
        files: 3,
        bytes: 30,
        copied: 3,
        duplicates: 0,
        failed: 0,
        secondReading: null,
        notes: [],
      });
      expect(history().find(backupId('b2'))).toBeNull();
    });

    it('ends every backup that was open when the daemon starts again, and no other', async () => {
      await given(planned('b1'), finished('b1'), planned('b2'), planned('b3'));
      await given(settled('b2', { copied: [file('a.jpg')] }), started());
      const reasons = history()
        .rows()
        .map(({ outcome, reason, finishedAt }) => [outcome, reason, finishedAt]);
      expect(reasons).toEqual([
        ['done', null, stampAt(1).at],
        ['interrupted', 'power-cut', stampAt(5).at],
        ['interrupted', 'power-cut', stampAt(5).at],
      ]);
      expect(history().find(backupId('b2'))).toMatchObject({ copied: 1 });
    });

    it('keeps the place of a backup that is planned once more', async () => {
      await given(planned('b1'), planned('b2'), interrupted('b1'), planned('b1', { files: 7 }));
      expect(ids()).toEqual(['b1', 'b2']);
      expect(history().find(backupId('b1'))).toMatchObject({
        outcome: null,
        files: 7,
        startedAt: stampAt(3).at,
      });
      await given(started());
      expect(history().find(backupId('b1'))?.outcome).toBe('interrupted');
    });
  });
}
