import { expect, test } from 'vitest';
import { Score } from './stage.ts';

test('counts each harm for itself and says what it was', () => {
  const lines: string[] = [];
  const score = new Score((line) => lines.push(line));
  score.tried();
  score.tried(4);
  score.note('lost', 'a.jpg');
  score.note('doubled', 'b.jpg');
  score.note('doubled', 'c.jpg');
  expect(score.figures()).toEqual({ points: 5, lost: 1, wrong: 0, doubled: 2, skipped: null });
  expect(lines).toEqual(['  lost: a.jpg', '  doubled: b.jpg', '  doubled: c.jpg']);
});

test('counts on where it no longer prints', () => {
  const lines: string[] = [];
  const score = new Score((line) => lines.push(line));
  for (let at = 0; at < 50; at += 1) score.note('wrong', 'x'.repeat(1000));
  expect(score.figures().wrong).toBe(50);
  expect(lines).toHaveLength(20);
  expect(Math.max(...lines.map(({ length }) => length))).toBe(400);
});
