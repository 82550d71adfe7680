import { expect, test } from 'vitest';
import { until } from '../recordings/box.ts';
import { box, freshBoxEachTest } from '../recordings/fresh-box.ts';
import { GatedCards, quickClock } from './machine.ts';

const HOUR_MS = 3_600_000;
freshBoxEachTest();

test.each([
  ['back', -5 * HOUR_MS],
  ['forward', 40 * 24 * HOUR_MS],
])('the clock is set %s in mid copy: nothing is lost, the order stays', async (_, byMs) => {
  const cards = new GatedCards();
  const clock = quickClock(20);
  const running = await box.start(box.drive('drive'), { clock, cards: cards.reader });
  const types = () => [...(box.store?.log.read() ?? [])].map(({ fact }) => fact.type);
  await running.control.sim.insert(box.card('A', { 'IMG_1.JPG': 5000 }), null);
  await until(running, 'copying');
  await until(running, 'ready');
  cards.close();
  await running.control.sim.insert(box.card('B', { 'IMG_2.JPG': 6000 }), null);
  await until(running, 'copying');
  await expect.poll(() => types().filter((type) => type === 'BackupPlanned').length).toBe(2);
  clock.setWall(byMs);
  await expect.poll(types).toContain('ClockSet');
  cards.open();
  await until(running, 'ready');
  const rows = running.control.history();
  expect(rows).toMatchObject([
    { card: 'A', outcome: 'done', copied: 1 },
    { card: 'B', outcome: 'done', copied: 1 },
  ]);
  // It began before the clock was set, and its time was corrected: it did not take hours, nor less than nothing.
  const [begun, ended] = [Date.parse(rows[1]?.startedAt ?? ''), Date.parse(rows[1]?.finishedAt ?? '')];
  expect(ended).toBeGreaterThanOrEqual(begun - 1);
  expect(ended - begun).toBeLessThan(HOUR_MS);
  const seqs = [...(box.store?.log.read() ?? [])].map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_seq, at) => at + 1));
  box.store?.rebuild();
  expect(running.control.history()).toEqual(rows);
});
