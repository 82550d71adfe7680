import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { Meter } from '../../services/verify/meter.ts';
import { VerifyProgress } from '../../services/work-shapes.ts';

const MB = 1e6;
const CONTINUED = { after: 'Photos/a.jpg', files: 2, at: '2026-11-21T10:00:00.000Z' };

let clock: VirtualClock;
let meter: Meter;
beforeEach(() => {
  clock = new VirtualClock();
  meter = meterFrom(0, 0);
});

function meterFrom(files: number, bytes: number): Meter {
  const continued = files === 0 ? null : CONTINUED;
  return new Meter(clock, {
    total: { files: 10, bytes: 100 * MB },
    done: { files, bytes },
    drive: 'PDRIVE',
    continued,
  });
}

/** `bytes` more in a second. */
let bytes = 0;
function second(more: number, waiting = false): VerifyProgress {
  bytes += more;
  clock.advance(1000);
  meter.setBytes(bytes);
  return meter.now(waiting);
}
beforeEach(() => {
  bytes = 0;
});

describe('how far a verification is', () => {
  it('begins where an earlier part ended', () => {
    expect(VerifyProgress.parse(meterFrom(2, 20 * MB).now(false))).toEqual({
      filesDone: 2,
      filesTotal: 10,
      bytesDone: 20 * MB,
      bytesTotal: 100 * MB,
      rateBytesPerSecond: null,
      secondsLeft: null,
      waiting: false,
      drive: 'PDRIVE',
      continued: CONTINUED,
    });
    expect(meter.now(false)).toMatchObject({ filesDone: 0, continued: null });
  });

  it('is never more than all, although files came meanwhile', () => {
    for (let file = 0; file < 11; file += 1) meter.addFile();
    meter.setBytes(101 * MB);
    expect(meter.now(false)).toMatchObject({ filesDone: 10, bytesDone: 100 * MB });
  });

  it('is said four times a second at most', () => {
    expect(meter.isDue).toBe(false);
    clock.advance(249);
    expect(meter.isDue).toBe(false);
    clock.advance(1);
    expect(meter.isDue).toBe(true);
    meter.now(false);
    expect(meter.isDue).toBe(false);
  });
});

describe('the rate', () => {
  it('is not known in the first second', () => {
    meter.now(false);
    clock.advance(999);
    meter.setBytes(MB);
    expect(meter.now(false).rateBytesPerSecond).toBeNull();
  });

  it('is that of this part alone, and tells the time left', () => {
    meter = meterFrom(2, 20 * MB);
    bytes = 20 * MB;
    meter.now(false);
    second(10 * MB);
    expect(second(10 * MB)).toMatchObject({ rateBytesPerSecond: 10 * MB, secondsLeft: 6 });
  });

  it('is that of the last ten seconds', () => {
    meter.now(false);
    for (let n = 0; n < 5; n += 1) second(10 * MB);
    for (let n = 0; n < 10; n += 1) second(MB);
    const { rateBytesPerSecond } = second(MB);
    expect(rateBytesPerSecond).toBe(MB);
  });

  it('is 0 when nothing comes, and then nobody knows how long it takes', () => {
    meter.now(false);
    expect(second(0)).toMatchObject({ rateBytesPerSecond: 0, secondsLeft: null });
  });

  it('has no pause in it', () => {
    meter.now(false);
    second(10 * MB);
    expect(second(0, true)).toMatchObject({ waiting: true, rateBytesPerSecond: null, secondsLeft: null });
    clock.advance(60_000);
    meter.now(true);
    expect(second(10 * MB)).toMatchObject({ waiting: false, rateBytesPerSecond: 10 * MB });
  });
});
