import { readdirSync, readlinkSync } from 'node:fs';
import { filter, firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { until } from '../recordings/box.ts';
import { box, freshBoxEachTest } from '../recordings/fresh-box.ts';

const CYCLES = 200;
/** Before the count begins: the first cycles open what stays open (the reader of metadata, tables of the store). */
const WARM_UP = 5;
/** What opens late, once, is no leak of a card: two hundred cards that each left one in a hundred would be noticed. */
const LATE = 1;

freshBoxEachTest();

/** Timers and children of this process, and what its open files are; pipes and sockets have numbers, so by kind. */
const openHandles = (): readonly string[] => [
  ...process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout' || kind === 'ProcessWrap'),
  ...readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`).replace(/:\[\d+\]$/, '')];
    } catch {
      return []; // The listing's own.
    }
  }),
];

/** What is there more often than before. */
const more = (before: readonly string[]): readonly string[] => {
  const left = [...before];
  return openHandles().filter((kind) => {
    const at = left.indexOf(kind);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
};

test('200 cards that are inserted, backed up and removed leave no file, timer or child behind', async () => {
  const card = box.card('A', { 'IMG_0001.JPG': 3000 });
  const running = await box.start(box.drive('drive'));
  const cycle = async () => {
    await running.control.sim.insert(card, null);
    // A card that has just come is not backed up; `settling` is passed over by the owner's own word.
    const [{ id } = { id: '' }] = await running.control.backup({
      card: 'A',
      to: null,
      fit: false,
      wait: false,
    });
    await firstValueFrom(running.control.follow(id).pipe(filter((message) => 'result' in message)));
    await until(running, 'ready');
    await running.control.sim.remove(null);
  };
  for (let turn = 0; turn < WARM_UP; turn += 1) await cycle();
  const before = openHandles();
  for (let turn = 0; turn < CYCLES; turn += 1) await cycle();
  // What the last turn was still closing is closed soon; what 200 turns left stays.
  await expect
    .poll(() => more(before), { timeout: 20_000 })
    .toSatisfy((left: readonly string[]) => left.length <= LATE);
  const status = await running.control.status();
  expect(status).toMatchObject({ signal: 'ready', cards: [], problems: [] });
  const rows = running.control.history();
  expect(rows).toHaveLength(CYCLES + WARM_UP);
  expect(rows.every((row) => row.outcome === 'done')).toBe(true);
});
