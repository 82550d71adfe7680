import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Happened,
  isOver,
  MAX_ITEMS,
  type Queue,
  retryDelayMs,
  startable,
  step,
  TOO_MANY,
} from '../../../adapters/web/upload/queue.ts';
import { totalOf } from '../../../adapters/web/upload/sums.ts';

const added = (...ids: string[]): Happened => ({
  type: 'added',
  items: ids.map((id) => ({ id, name: `${id}.JPG`, sizeBytes: 100 })),
});
const on = (
  type: 'begun' | 'uploaded' | 'due' | 'paused' | 'resumed' | 'cancelled',
  id: string,
): Happened => ({
  type,
  id,
});
const lost = (id: string): Happened => ({ type: 'lost', id, cause: 'lost' });
const sent = (id: string, sentBytes: number): Happened => ({ type: 'progressed', id, sentBytes });
const refused = (id: string): Happened => ({
  type: 'refused',
  id,
  why: { code: 'upload-too-large', detail: '' },
});
const given = (...happened: Happened[]): Queue => happened.reduce(step, [] as Queue);
const kinds = (queue: Queue) => queue.map(({ state }) => state.kind);
const names = (queue: Queue) => queue.map(({ id }) => id);

describe('files that were chosen', () => {
  test('wait, in their order', () => {
    const queue = given(added('a', 'b'));
    expect(queue).toEqual([
      { id: 'a', name: 'a.JPG', sizeBytes: 100, sentBytes: 0, tries: 0, state: { kind: 'waiting' } },
      { id: 'b', name: 'b.JPG', sizeBytes: 100, sentBytes: 0, tries: 0, state: { kind: 'waiting' } },
    ]);
  });

  test('twice are one, and one that is under way goes on', () => {
    const queue = given(added('a', 'a'), on('begun', 'a'), sent('a', 40), added('a', 'b'));
    expect(names(queue)).toEqual(['a', 'b']);
    expect(queue[0]).toMatchObject({ sentBytes: 40, state: { kind: 'sending' } });
  });

  test('again, after they were cancelled or refused, begin again', () => {
    const queue = given(added('a', 'b'), on('cancelled', 'a'), refused('b'), added('a', 'b'));
    expect(kinds(queue)).toEqual(['waiting', 'waiting']);
  });

  test('again, after they were uploaded, are not sent once more', () => {
    expect(kinds(given(added('a'), on('begun', 'a'), on('uploaded', 'a'), added('a')))).toEqual(['uploaded']);
  });

  test('beyond the most that are taken at once are refused, each by its name', () => {
    const many = Array.from({ length: MAX_ITEMS + 2 }, (_, at) => `p${at}`);
    const queue = given(added(...many));
    expect(kinds(queue).lastIndexOf('waiting')).toBe(MAX_ITEMS - 1);
    expect(queue.slice(MAX_ITEMS).map(({ id, state }) => [id, state])).toEqual([
      [`p${MAX_ITEMS}`, { kind: 'refused', why: TOO_MANY }],
      [`p${MAX_ITEMS + 1}`, { kind: 'refused', why: TOO_MANY }],
    ]);
  });

  test('beyond the most, and again when one of these is over, are taken as far as there is room', () => {
    const many = Array.from({ length: MAX_ITEMS + 2 }, (_, at) => `p${at}`);
    const late = [`p${MAX_ITEMS}`, `p${MAX_ITEMS + 1}`];
    const queue = given(added(...many), on('begun', 'p0'), on('uploaded', 'p0'), added(...late));
    expect(kinds(queue).slice(MAX_ITEMS)).toEqual(['waiting', 'refused']);
  });
});

describe('two are sent at once', () => {
  test('the first ones, and the next when one is over', () => {
    let queue = given(added('a', 'b', 'c'));
    expect(names(startable(queue))).toEqual(['a', 'b']);
    queue = [on('begun', 'a'), on('begun', 'b')].reduce(step, queue);
    expect(startable(queue)).toEqual([]);
    expect(names(startable(step(queue, on('uploaded', 'a'))))).toEqual(['c']);
    expect(names(startable(step(queue, lost('a'))))).toEqual(['c']);
    expect(names(startable(step(queue, refused('a'))))).toEqual(['c']);
  });

  test('never more, whatever happens', () => {
    const ids = fc.constantFrom('a', 'b', 'c', 'd');
    const happened = fc.oneof(
      ids.map((id) => added(id)),
      fc
        .tuple(fc.constantFrom('uploaded', 'due', 'paused', 'resumed', 'cancelled'), ids)
        .map(([type, id]) => on(type as 'due', id)),
      ids.map(lost),
      ids.map(refused),
      fc.constantFrom('all-paused', 'all-resumed', 'online', 'cleared').map((type) => ({ type }) as Happened),
    );
    fc.assert(
      fc.property(fc.array(happened, { maxLength: 40 }), (all) => {
        let queue: Queue = [];
        for (const one of all) {
          queue = step(queue, one);
          for (const { id } of startable(queue)) queue = step(queue, on('begun', id));
          expect(kinds(queue).filter((kind) => kind === 'sending').length).toBeLessThanOrEqual(2);
          expect(new Set(names(queue)).size).toBe(queue.length);
        }
      }),
    );
  });
});

describe('a connection that is lost', () => {
  const sending = given(added('a'), on('begun', 'a'), sent('a', 40));

  test('is tried again when it is due, and what was sent is not forgotten', () => {
    const queue = step(sending, lost('a'));
    expect(queue[0]).toMatchObject({
      sentBytes: 40,
      tries: 1,
      state: { kind: 'reconnecting', tries: 1, cause: 'lost' },
    });
    expect(startable(queue)).toEqual([]);
    expect(names(startable(step(queue, on('due', 'a'))))).toEqual(['a']);
  });

  test('counts its tries until a byte gets through', () => {
    const twice = [lost('a'), on('due', 'a'), on('begun', 'a'), lost('a')].reduce(step, sending);
    expect(twice[0]?.tries).toBe(2);
    const through = [on('due', 'a'), on('begun', 'a'), sent('a', 40)].reduce(step, twice);
    expect(through[0]?.tries).toBe(2);
    expect(step(through, sent('a', 41))[0]?.tries).toBe(0);
  });

  test('is tried at once when the browser says that it is back', () => {
    const queue = step(step(sending, lost('a')), { type: 'online' });
    expect(queue[0]).toMatchObject({ tries: 0, state: { kind: 'waiting' } });
  });

  test('waits longer each time, half a minute at most', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 99].map(retryDelayMs)).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  test('a file that was paused meanwhile stays paused', () => {
    const paused = step(step(sending, lost('a')), { type: 'all-paused' });
    expect(kinds(step(paused, on('due', 'a')))).toEqual(['paused']);
    expect(kinds(step(paused, { type: 'online' }))).toEqual(['paused']);
    expect(kinds(step(paused, lost('a')))).toEqual(['paused']);
  });
});

describe('people', () => {
  test('pause and go on; what is over stays over', () => {
    const queue = given(added('a', 'b', 'c'), on('begun', 'a'), on('begun', 'b'), on('uploaded', 'b'));
    const paused = step(queue, { type: 'all-paused' });
    expect(kinds(paused)).toEqual(['paused', 'uploaded', 'paused']);
    expect(startable(paused)).toEqual([]);
    expect(kinds(step(paused, { type: 'all-resumed' }))).toEqual(['waiting', 'uploaded', 'waiting']);
  });

  test('progress that comes after a pause changes nothing', () => {
    const paused = given(added('a'), on('begun', 'a'), sent('a', 10), on('paused', 'a'), sent('a', 90));
    expect(paused[0]?.sentBytes).toBe(10);
  });

  test('cancel, and no answer that is still under way undoes it', () => {
    const queue = given(added('a'), on('begun', 'a'), on('cancelled', 'a'), on('uploaded', 'a'), lost('a'));
    expect(kinds(queue)).toEqual(['cancelled']);
  });

  test('clear what is over, and nothing else', () => {
    const queue = given(added('a', 'b', 'c', 'd'), on('cancelled', 'a'), refused('b'), on('begun', 'c'), {
      type: 'cleared',
    });
    expect(names(queue)).toEqual(['c', 'd']);
    expect(queue.some(isOver)).toBe(false);
  });
});

describe('all together', () => {
  test('counts bytes of what the box takes, and files that were not cancelled', () => {
    const queue = given(
      added('a', 'b', 'c', 'd'),
      on('begun', 'a'),
      on('uploaded', 'a'),
      on('begun', 'b'),
      sent('b', 30),
      refused('c'),
      on('cancelled', 'd'),
    );
    expect(totalOf(queue)).toEqual({
      files: 3,
      uploaded: 1,
      refused: 1,
      beyond: 0,
      bytes: 200,
      sentBytes: 130,
      mood: 'sending',
    });
  });

  test('is as the files are', () => {
    const one = given(added('a'), on('begun', 'a'));
    expect(totalOf([]).mood).toBe('empty');
    expect(totalOf(given(added('a'))).mood).toBe('sending');
    expect(totalOf(one).mood).toBe('sending');
    expect(totalOf(step(one, lost('a'))).mood).toBe('reconnecting');
    expect(totalOf(step(one, { type: 'all-paused' })).mood).toBe('paused');
    expect(totalOf(step(one, on('uploaded', 'a'))).mood).toBe('over');
    expect(totalOf(step(one, refused('a'))).mood).toBe('over');
    expect(totalOf(step(one, on('cancelled', 'a'))).mood).toBe('empty');
  });

  test('is not over while one file waits for the connection', () => {
    const queue = given(added('a', 'b'), on('begun', 'a'), on('uploaded', 'a'), on('begun', 'b'), lost('b'));
    expect(totalOf(queue).mood).toBe('reconnecting');
  });
});
