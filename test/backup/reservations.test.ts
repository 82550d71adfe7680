import { expect, test } from 'vitest';
import { backupId, driveId } from '../../machines/ids.ts';
import { Reservations } from '../../services/backup/reservations.ts';

const [TANK, SPARE] = [driveId('tank'), driveId('spare')];
const [ONE, TWO, THREE] = [backupId('20261121-1'), backupId('20261121-2'), backupId('20261121-3')];

test('a backup sees what the others have on a drive, not its own and not that of other drives', () => {
  const all = new Reservations();
  all.reserve(TANK, ONE, 100);
  all.reserve(TANK, TWO, 20);
  all.reserve(SPARE, TWO, 3);
  expect(all.ofOthers(TANK, ONE)).toBe(20);
  expect(all.ofOthers(TANK, TWO)).toBe(100);
  expect(all.ofOthers(TANK, THREE)).toBe(120);
  expect(all.ofOthers(SPARE, THREE)).toBe(3);
});

test('a second reservation replaces the first', () => {
  const all = new Reservations();
  all.reserve(TANK, ONE, 100);
  all.reserve(TANK, ONE, 60);
  expect(all.ofOthers(TANK, TWO)).toBe(60);
});

test('shrinks as bytes are written, to nothing at least', () => {
  const all = new Reservations();
  all.reserve(TANK, ONE, 100);
  all.wrote(TANK, ONE, 30);
  expect(all.ofOthers(TANK, TWO)).toBe(70);
  all.wrote(TANK, ONE, 80);
  expect(all.ofOthers(TANK, TWO)).toBe(0);
  all.wrote(SPARE, ONE, 1);
  expect(all.ofOthers(SPARE, TWO)).toBe(0);
});

test('is given back once, however often it is told', () => {
  const all = new Reservations();
  all.reserve(TANK, ONE, 100);
  all.reserve(TANK, TWO, 5);
  all.release(TANK, ONE);
  all.release(TANK, ONE);
  all.release(SPARE, ONE);
  expect(all.ofOthers(TANK, THREE)).toBe(5);
});
