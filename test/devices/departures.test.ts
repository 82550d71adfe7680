import { expect, test } from 'vitest';
import { driveId } from '../../machines/ids.ts';
import { Departures } from '../../services/devices/departures.ts';

const [ONE, TWO] = [driveId('one'), driveId('two')];

test('a drive leaves for as long as it takes, however that ends, and no other does', async () => {
  const departures = new Departures();
  const gone = await departures.during(ONE, async () => [departures.has(ONE), departures.has(TWO)]);
  expect(gone).toEqual([true, false]);
  expect(departures.has(ONE)).toBe(false);
  await expect(departures.during(ONE, () => Promise.reject(new Error('busy')))).rejects.toThrow('busy');
  expect(departures.has(ONE)).toBe(false);
});

test('of two that let go of one drive the first to end does not bring it back', async () => {
  const departures = new Departures();
  let end = (): void => undefined;
  const long = departures.during(ONE, () => new Promise<void>((resolve) => (end = resolve)));
  await departures.during(ONE, async () => undefined);
  expect(departures.has(ONE)).toBe(true);
  end();
  await long;
  expect(departures.has(ONE)).toBe(false);
});
