import { expect, test } from 'vitest';
import { Closing } from '../../services/devices/closing.ts';

test('the end is told once to everybody who waits, and at once to who comes later', () => {
  const closing = new Closing();
  const heard: string[] = [];
  for (const name of ['a', 'b']) closing.onEnd(() => heard.push(name));
  expect([heard, closing.isOver]).toEqual([[], false]);
  closing.end();
  closing.end();
  closing.onEnd(() => heard.push('late'));
  expect([heard, closing.isOver, closing.waiting]).toEqual([['a', 'b', 'late'], true, 0]);
});

test('who waits no more is told nothing, and nothing of him is kept', () => {
  const closing = new Closing();
  const heard: string[] = [];
  const leave = closing.onEnd(() => heard.push('x'));
  leave();
  leave();
  expect(closing.waiting).toBe(0);
  closing.end();
  expect(heard).toEqual([]);
});

test('one function that waits twice is told twice', () => {
  const closing = new Closing();
  let count = 0;
  const run = () => {
    count++;
  };
  const leave = closing.onEnd(run);
  closing.onEnd(run);
  closing.onEnd(run);
  leave();
  closing.end();
  expect(count).toBe(2);
});

test('many may wait without a word of Node', () => {
  const warnings: Error[] = [];
  const hear = (warning: Error) => warnings.push(warning);
  process.on('warning', hear);
  const closing = new Closing();
  const leaves = Array.from({ length: 1000 }, () => closing.onEnd(() => undefined));
  expect(closing.waiting).toBe(1000);
  for (const leave of leaves) leave();
  process.off('warning', hear);
  expect([warnings, closing.waiting]).toEqual([[], 0]);
});
