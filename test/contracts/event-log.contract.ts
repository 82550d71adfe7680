import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyChain } from '../../services/journal/chain.ts';
import { hashLine, MAX_LINE_BYTES, NO_HASH, parseLine } from '../../services/journal/record.ts';
import { FACT_VERSION } from '../../services/journal/upcasters.ts';
import {
  file,
  finished,
  learned,
  planned,
  pressed,
  settled,
  stampAt,
  stamped,
  started,
} from '../journal/facts.ts';
import type { StoreSubject } from './store-subject.ts';

/** What every `EventLog` must do. */
export function eventLogContract(name: string, setUp: () => Promise<StoreSubject>): void {
  describe(`EventLog: ${name}`, () => {
    let subject: StoreSubject;
    const log = () => subject.store.log;
    beforeEach(async () => {
      subject = await setUp();
    });
    afterEach(() => subject.cleanUp());

    it('begins empty, with number 0 and 64 zeros', () => {
      expect(log().head()).toEqual({ seq: 0, hash: NO_HASH });
      expect([...log().read()]).toEqual([]);
      expect([...log().lines()]).toEqual([]);
    });

    it('gives back each fact with its envelope, as it is read later', async () => {
      const facts = [started(), planned('b1'), settled('b1', { copied: [file('a.jpg')], failed: ['b.jpg'] })];
      const records = await log().append(stamped(facts));
      expect(records.map(({ fact }) => fact)).toEqual(facts);
      expect(records.map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect(records.map(({ stream }) => stream)).toEqual(['appliance', 'backup/b1', 'backup/b1']);
      expect(records[1]).toMatchObject({ v: FACT_VERSION, ...stampAt(1) });
      expect([...log().read()]).toEqual(records);
    });

    it('chains each line to the bytes of the one before it, over batches and streams', async () => {
      await log().append(stamped([started(), planned('b1')]));
      await log().append(stamped([finished('b1')], 9));
      const lines = [...log().lines()];
      const [first, second, third] = lines;
      const prevs = lines.map((line, index) => parseLine(line, index + 1).prev);
      expect(prevs).toEqual([NO_HASH, hashLine(first ?? ''), hashLine(second ?? '')]);
      expect(log().head()).toEqual({ seq: 3, hash: hashLine(third ?? '') });
      expect(verifyChain(lines)).toEqual(log().head());
    });

    it('keeps names as they are: quotes, newlines, emoji, NUL, halves of a pair', async () => {
      const names = ['a"b\\c', 'two\nlines\r', '😀é', 'nul\u0000', 'half\ud800', '\u2028', '__proto__'];
      const facts = names.map((path) => settled('b1', { failed: [path] }));
      await log().append(stamped(facts));
      expect([...log().read()].map(({ fact }) => fact)).toEqual(facts);
      expect([...log().lines()].every((line) => !line.includes('\n'))).toBe(true);
      expect(verifyChain(log().lines())).toEqual(log().head());
    });

    it('takes an empty batch for nothing', async () => {
      await log().append(stamped([started()]));
      const head = log().head();
      expect(await log().append([])).toEqual([]);
      expect(log().head()).toEqual(head);
    });

    it('stores nothing of a batch with a record that could not be read again', async () => {
      await log().append(stamped([started()]));
      const head = log().head();
      const long = {
        type: 'InternalErrorOccurred',
        reason: 'internal',
        detail: 'x'.repeat(MAX_LINE_BYTES),
      } as const;
      await expect(log().append(stamped([pressed(), long]))).rejects.toMatchObject({ code: 'io', line: 3 });
      expect(log().head()).toEqual(head);
      await log().append(stamped([pressed()]));
      expect(verifyChain(log().lines()).seq).toBe(2);
    });

    describe('with 1,203 records of three streams', () => {
      const three = (n: number) => [pressed(), planned('b1'), settled('b2', { failed: [`${n}.jpg`] })];
      beforeEach(async () => {
        await log().append(stamped(Array.from({ length: 401 }, (_, n) => three(n)).flat()));
      });
      const seqs = (query: Parameters<ReturnType<typeof log>['read']>[0]) =>
        [...log().read(query)].map(({ seq }) => seq);
      const every = (from: number, step: number, to = 1203) =>
        Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

      it('reads all, and all after a number', () => {
        expect(seqs({})).toEqual(every(1, 1));
        expect(seqs({ after: 0 })).toEqual(every(1, 1));
        expect(seqs({ after: 500 })).toEqual(every(501, 1));
        expect(seqs({ after: 1203 })).toEqual([]);
        expect(seqs({ after: 5000 })).toEqual([]);
      });

      it('reads one stream', () => {
        expect(seqs({ stream: 'backup/b1' })).toEqual(every(2, 3));
        expect(seqs({ stream: 'backup/b1', after: 2 })).toEqual(every(5, 3));
        expect(seqs({ stream: 'backup/none' })).toEqual([]);
      });

      it('leaves out facts about single files', () => {
        expect(seqs({ skipFileFacts: true })).toEqual(every(1, 1).filter((seq) => seq % 3 !== 0));
        expect(seqs({ stream: 'backup/b2', skipFileFacts: true })).toEqual([]);
      });

      it('counts a limit after every filter, at and across the edge of a page', () => {
        expect(seqs({ limit: 0 })).toEqual([]);
        expect(seqs({ limit: 2 })).toEqual([1, 2]);
        for (const limit of [499, 500, 501, 1000, 1203, 9999]) {
          expect(seqs({ limit })).toHaveLength(Math.min(limit, 1203));
        }
        expect(seqs({ limit: 501, skipFileFacts: true, after: 100 })).toEqual(
          every(101, 1)
            .filter((seq) => seq % 3 !== 0)
            .slice(0, 501),
        );
        expect(seqs({ limit: 3, stream: 'backup/b2', after: 900 })).toEqual([903, 906, 909]);
      });

      it('gives lines after a number, limited', () => {
        const lines = [...log().lines()];
        expect([...log().lines({ after: 498, limit: 504 })]).toEqual(lines.slice(498, 1002));
        expect([...log().lines({ limit: 0 })]).toEqual([]);
        expect([...log().lines({ after: 1203 })]).toEqual([]);
      });

      it('can be appended to while it is read', async () => {
        const reader = log().read({ limit: 1100 })[Symbol.iterator]();
        reader.next();
        await log().append(stamped([pressed()]));
        let count = 1;
        while (reader.next().done !== true) count += 1;
        expect(count).toBe(1100);
      });
    });

    it('treats what a manifest claims as facts about files', async () => {
      await log().append(stamped([learned('D', file('a.jpg')), pressed()]));
      expect([...log().read({ skipFileFacts: true })].map(({ seq }) => seq)).toEqual([2]);
    });
  });
}
