import { expect, test } from 'vitest';
import { ScriptedSource } from '../health/scripted-source.ts';
import { until } from '../recordings/box.ts';
import { box, freshBoxEachTest } from '../recordings/fresh-box.ts';
import { GatedCards, quickClock } from './machine.ts';

freshBoxEachTest();

test('weak power stops a backup that goes on by itself when power is good again', async () => {
  const cards = new GatedCards();
  const health = new ScriptedSource();
  const running = await box.start(box.drive('drive'), { clock: quickClock(20), cards: cards.reader, health });
  cards.close();
  await running.control.sim.insert(box.card('A', { 'IMG_1.JPG': 5000, 'IMG_2.JPG': 6000 }), null);
  await until(running, 'copying');
  health.quickly = [{ check: 'power', low: true, wasLow: false }];
  await until(running, 'error');
  expect(await running.control.status()).toMatchObject({
    ...{ state: 'copying', code: 8, leds: { green: 'off' } },
    health: { power: { level: 'bad', reading: 'under-voltage now' } },
    problems: [{ code: 'weak-power', blinks: 8, message: expect.stringMatching(/^A: under-voltage now/) }],
  });
  cards.open();
  await expect.poll(async () => (await running.control.status()).state).toBe('error');
  const [first] = running.control.history();
  expect(first).toMatchObject({ outcome: 'interrupted', reason: 'weak-power', copied: 0 });
  expect((await running.control.status()).cards).toMatchObject([{ backedUp: false }]);
  health.quickly = [{ check: 'power', low: false, wasLow: false }];
  await until(running, 'ready');
  expect(running.control.history()).toMatchObject([
    { outcome: 'interrupted' },
    { outcome: 'done', files: 2, copied: 2 },
  ]);
  expect(running.control.history()[1]?.id).not.toBe(first?.id);
  await box.stop();
  expect(health.counts.stop).toBe(1);
});
