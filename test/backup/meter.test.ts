import { beforeEach, describe, expect, test } from 'vitest';
import { driveId } from '../../machines/ids.ts';
import type { LiveProgress } from '../../services/backup/job.ts';
import { Meter } from '../../services/backup/meter.ts';

const [one, two] = [driveId('one'), driveId('two')];
let seen: LiveProgress[];
let meter: Meter;
beforeEach(() => {
  seen = [];
  meter = new Meter((progress) => seen.push(progress));
});
const now = (): LiveProgress | undefined => seen.at(-1);

describe('the meter of a backup', () => {
  test('says nothing before it knows what to expect', () => {
    meter.reading(1000);
    meter.settled(one, 1, 1);
    expect(seen).toEqual([]);
  });

  test('bytes count once, however many drives they go to', () => {
    meter.expect(2, 100, [one, two]);
    meter.reading(60);
    expect(now()).toMatchObject({ bytesDone: 60, bytesTotal: 100, filesDone: 0, filesTotal: 2 });
    meter.passed(60);
    expect(now()?.bytesDone).toBe(60);
  });

  test('what need not be read counts when it is passed', () => {
    meter.expect(2, 100, [one]);
    meter.passed(40);
    expect(now()?.bytesDone).toBe(40);
  });

  test('a second try of a file never shows more than there is', () => {
    meter.expect(1, 100, [one]);
    meter.reading(100);
    meter.reading(100);
    expect(now()?.bytesDone).toBe(100);
    meter.passed(100);
    expect(now()?.bytesDone).toBe(100);
  });

  test('files are done when the slowest drive has them', () => {
    meter.expect(5, 100, [one, two]);
    meter.settled(one, 4, 80);
    expect(now()).toMatchObject({
      filesDone: 0,
      drives: [
        { id: one, filesDone: 4, bytesDone: 80 },
        { id: two, filesDone: 0, bytesDone: 0 },
      ],
    });
    meter.settled(two, 3, 50);
    expect(now()?.filesDone).toBe(3);
  });

  test('a drive that is out no longer counts, the last one always does', () => {
    meter.expect(5, 100, [one, two]);
    meter.settled(one, 4, 80);
    meter.lost(two);
    meter.settled(one, 1, 20);
    expect(now()).toMatchObject({ filesDone: 5, drives: [{ id: one }] });
    meter.lost(one);
    meter.passed(0);
    expect(now()?.drives).toHaveLength(1);
  });
});
