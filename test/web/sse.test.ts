import { describe, expect, test } from 'vitest';
import { waitMs } from '../../adapters/web/live/backoff.ts';
import { jsonLines } from '../../adapters/web/live/lines.ts';
import { EventParser } from '../../adapters/web/live/sse.ts';

const TEXT =
  ': \n\nevent: light\nid: 7\ndata: {"a":1}\n\nevent: status\r\ndata: {\r\ndata: }\r\n\r\ndata:x\n\n';
const EXPECTED = [
  { type: 'heartbeat' },
  { type: 'event', name: 'light', data: '{"a":1}' },
  { type: 'event', name: 'status', data: '{\n}' },
  { type: 'event', name: 'message', data: 'x' },
];

describe('server-sent events', () => {
  test('come whole', () => {
    expect(new EventParser().take(TEXT)).toEqual(EXPECTED);
  });

  test('come the same, wherever the network cuts them', () => {
    for (let cut = 0; cut <= TEXT.length; cut += 1) {
      const parser = new EventParser();
      expect([...parser.take(TEXT.slice(0, cut)), ...parser.take(TEXT.slice(cut))]).toEqual(EXPECTED);
    }
  });

  test('an event without its empty line is not told yet', () => {
    expect(new EventParser().take('event: light\ndata: {}\n')).toEqual([]);
  });

  test('a name holds for one event', () => {
    const names = new EventParser().take('event: light\n\ndata: 1\n\n');
    expect(names).toEqual([{ type: 'event', name: 'message', data: '1' }]);
  });

  test('one without an end is refused, in one line or in many', () => {
    expect(() => new EventParser().take('x'.repeat(4_000_001))).toThrow(RangeError);
    const line = `data: ${'x'.repeat(1_000_000)}\n`;
    expect(() => new EventParser().take(line.repeat(5))).toThrow(RangeError);
  });
});

describe('a lost connection is tried again', () => {
  test('after 0.5, 1, 2 s, and then every 3 s', () => {
    expect([1, 2, 3, 4, 5, 1000].map(waitMs)).toEqual([500, 1000, 2000, 3000, 3000, 3000]);
    expect(waitMs(0)).toBe(500);
  });
});

describe('JSON Lines', () => {
  const streamOf = (...chunks: readonly string[]) =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
        controller.close();
      },
    });
  const all = async (stream: ReadableStream<Uint8Array>) => {
    const values: unknown[] = [];
    for await (const value of jsonLines(stream)) values.push(value);
    return values;
  };

  test('come one by one, wherever they are cut, the last without its end too', async () => {
    expect(await all(streamOf('{"a"', ':1}\n\n{"b":', '2}\n{"c":3}'))).toEqual([
      { a: 1 },
      { b: 2 },
      { c: 3 },
    ]);
  });

  test('a line that is no JSON ends it with an error', async () => {
    await expect(all(streamOf('{"a":1}\nnot\n'))).rejects.toThrow(SyntaxError);
  });

  test('whoever stops reading lets go of the stream', async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('{"a":1}\n')),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const value of jsonLines(endless)) {
      expect(value).toEqual({ a: 1 });
      break;
    }
    expect(cancelled).toBe(true);
  });
});
