import { expect, test } from 'vitest';
import { hashesBelow, photosOn } from '../e2e/imagetank.ts';
import { until } from '../recordings/box.ts';
import { box, freshBoxEachTest } from '../recordings/fresh-box.ts';
import { GatedCards, quickClock } from './machine.ts';

freshBoxEachTest();

test('a drive taken out in mid copy is not written any more, and gets the rest when it is back', async () => {
  const cards = new GatedCards();
  const drive = box.drive('drive');
  const running = await box.start(drive, { clock: quickClock(20), cards: cards.reader });
  const { control } = running;
  const card = box.card('A', { 'IMG_1.JPG': 300_000, 'IMG_2.JPG': 300_000, 'IMG_3.JPG': 1000 });
  cards.close();
  await control.sim.insert(card, null);
  await until(running, 'copying');
  const types = () => [...(box.store?.log.read() ?? [])].map(({ fact }) => fact.type);
  await expect.poll(types).toContain('BackupPlanned');
  await control.sim.driveOut(drive);
  const before = hashesBelow(drive);
  cards.open();
  await expect.poll(() => control.history().at(-1)?.outcome).toBe('failed');
  expect(control.history().at(-1)).toMatchObject({ reason: 'drive-lost', copied: 0 });
  expect([...photosOn(drive).keys()]).toEqual([]);
  // What was on its way may be left there, as on a drive that was pulled; nothing else.
  const after = [...hashesBelow(drive)].filter(([path]) => !path.startsWith('.imagetank/incoming/'));
  expect(after).toEqual([...before].filter(([path]) => !path.startsWith('.imagetank/incoming/')));
  expect((await control.status()).leds.green).toBe('off');
  await control.sim.driveIn(drive);
  await until(running, 'ready');
  expect([...photosOn(drive).values()].sort()).toEqual([...hashesBelow(card).values()].sort());
});
