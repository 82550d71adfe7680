import { describe, expect, it } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import { isJournalError } from '../../services/errors.ts';
import {
  hashLine,
  MAX_LINE_BYTES,
  NO_HASH,
  parseLine,
  seal,
  sealAll,
} from '../../services/journal/record.ts';
import { FACT_VERSION, UPCASTERS, type Upcaster, upcast } from '../../services/journal/upcasters.ts';
import { file, planned, pressed, settled, stampAt, stamped, started } from './facts.ts';

const HEAD = { seq: 0, hash: NO_HASH };
const first = (fact: Fact) => seal({ fact, stamp: stampAt(0) }, HEAD);

/** The parsed line with some fields changed. */
const changed = (change: Record<string, unknown>) =>
  JSON.stringify({ ...(JSON.parse(first(pressed()).line) as object), ...change });

/** `code` and `line` of what is thrown. */
function refusal(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (isJournalError(error)) return { code: error.code, line: error.line, message: error.message };
    throw error;
  }
  return null;
}

describe('seal', () => {
  it('writes the envelope in a fixed order, the fact’s own fields as data', () => {
    expect(first(started()).line).toBe(
      '{"v":4,"seq":1,"stream":"appliance","at":"2026-11-21T00:00:00.000Z","clock":"synced",' +
        `"monoMs":0.25,"bootId":"test-boot","prev":"${NO_HASH}","type":"DaemonStarted","data":{"version":"0.1.0"}}`,
    );
  });

  it('hashes exactly the bytes of the line', () => {
    const { line, hash } = first(settled('b1', { failed: ['é😀'] }));
    expect(hash).toBe(hashLine(line));
    // printf abc | sha256sum
    expect(hashLine('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hashLine('é')).toBe(hashLine(Buffer.from('é').toString('utf8')));
  });

  it('gives the record that is read back later', () => {
    for (const fact of [started(), planned('b1'), settled('b1', { copied: [file('a.jpg')] })]) {
      const { line, record } = first(fact);
      expect(parseLine(line, 1)).toEqual(record);
    }
  });

  it('chains a batch in memory', () => {
    const [one, two, three] = sealAll(stamped([started(), pressed(), planned('b1')]), {
      seq: 41,
      hash: 'ab',
    });
    expect([one?.record.seq, two?.record.seq, three?.record.seq]).toEqual([42, 43, 44]);
    expect([one?.record.prev, two?.record.prev, three?.record.prev]).toEqual(['ab', one?.hash, two?.hash]);
    expect(sealAll([], HEAD)).toEqual([]);
  });

  it('refuses a line that parseLine would refuse, measured in bytes', () => {
    const detailed = (detail: string): Fact => ({
      type: 'InternalErrorOccurred',
      reason: 'internal',
      detail,
    });
    const spare = MAX_LINE_BYTES - first(detailed('')).line.length;
    const { line } = first(detailed('x'.repeat(spare)));
    expect(line).toHaveLength(MAX_LINE_BYTES);
    expect(parseLine(line, 1).seq).toBe(1);
    expect(refusal(() => first(detailed('x'.repeat(spare + 1))))).toMatchObject({ code: 'io', line: 1 });
    expect(refusal(() => first(detailed(`${'x'.repeat(spare - 1)}é`)))).toMatchObject({ code: 'io' });
    expect(refusal(() => parseLine(`${line} `, 7))).toMatchObject({ code: 'damaged', line: 7 });
  });
});

describe('parseLine', () => {
  it.each([
    ['nothing', ''],
    ['no JSON', '{"v":1'],
    ['another value', 'null'],
    ['a list', '[]'],
    ['a text', '"v"'],
  ])('calls %s damaged and names the place', (_, line) => {
    expect(refusal(() => parseLine(line, 12))).toMatchObject({ code: 'damaged', line: 12 });
  });

  it.each([
    ['v', 0],
    ['v', 1.5],
    ['v', '1'],
    ['seq', 0],
    ['seq', -1],
    ['seq', null],
    ['stream', 1],
    ['at', 1],
    ['clock', 'set'],
    ['monoMs', '0'],
    ['bootId', null],
    ['prev', null],
    ['prev', 'ab'],
    ['prev', `${'0'.repeat(63)}G`],
    ['type', 1],
    ['type', 'ButtonPresse'],
    ['type', 'toString'],
    ['data', []],
    ['data', null],
    ['data', 'x'],
  ])('calls an envelope with %s = %j damaged', (field, value) => {
    expect(refusal(() => parseLine(changed({ [field]: value }), 3))).toMatchObject({
      code: 'damaged',
      line: 3,
    });
  });

  it.each([
    'v',
    'seq',
    'stream',
    'at',
    'clock',
    'monoMs',
    'bootId',
    'prev',
    'type',
    'data',
  ])('misses the field %s', (field) => {
    expect(refusal(() => parseLine(changed({ [field]: undefined }), 3))).toMatchObject({ code: 'damaged' });
  });

  it('refuses a newer version as such, whatever its fact is called', () => {
    const error = refusal(() => parseLine(changed({ v: 5, type: 'FromTheFuture' }), 9));
    expect(error).toEqual({
      code: 'newer',
      line: 9,
      message: 'record 9 has version 5, this imagetank knows up to 4',
    });
  });

  it('does not let data rename its fact', () => {
    expect(parseLine(changed({ data: { type: 'Acknowledged' } }), 1).fact).toEqual({ type: 'ButtonPressed' });
  });
});

describe('upcasters', () => {
  const renamed: Upcaster = ({ type, data }) => ({ type: type === 'Pushed' ? 'ButtonPressed' : type, data });
  const counted: Upcaster = ({ type, data }) => ({
    type,
    data: { ...data, steps: [data['steps'], 'counted'] },
  });
  const table = new Map([
    [1, renamed],
    [2, counted],
  ]);

  it('have nothing to do in the present version', () => {
    const fact = { type: 'CardRefused', data: {} };
    expect(upcast(fact, FACT_VERSION)).toBe(fact);
  });

  it('are there for every version that this program has written', () => {
    const versions = Array.from({ length: FACT_VERSION - 1 }, (_, index) => index + 1);
    expect([...UPCASTERS.keys()]).toEqual(versions);
  });

  it('are applied one after the other when an old line is read', () => {
    const line = changed({ v: 1, type: 'Pushed', data: { steps: 'none' } });
    const record = parseLine(line, 1, 3, table);
    expect(record.fact).toEqual({ type: 'ButtonPressed', steps: ['none', 'counted'] });
    expect(record.v).toBe(1);
  });

  it('begin at the version of the line', () => {
    const line = changed({ v: 2, data: { steps: 'none' } });
    expect(parseLine(line, 1, 3, table).fact).toMatchObject({ steps: ['none', 'counted'] });
    expect(parseLine(changed({ v: 3, data: { steps: 'none' } }), 1, 3, table).fact).toMatchObject({
      steps: 'none',
    });
    expect(refusal(() => parseLine(changed({ v: 4 }), 1, 3, table))?.code).toBe('newer');
  });

  it('leave a line damaged where a link is missing or one throws', () => {
    const error = refusal(() => parseLine(changed({ v: 1 }), 5, 3, new Map([[1, renamed]])));
    expect(error).toMatchObject({ code: 'damaged', line: 5 });
    expect(error?.message).toContain('no upcaster from version 2');
    const broken: Upcaster = () => {
      throw new TypeError('no such field');
    };
    expect(refusal(() => parseLine(changed({ v: 1 }), 5, 2, new Map([[1, broken]])))).toMatchObject({
      code: 'damaged',
      line: 5,
    });
  });
});
