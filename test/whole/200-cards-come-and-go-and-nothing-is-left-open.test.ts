import { readdirSync } from 'node:fs';
import { filter, firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { until } from '../recordings/box.ts';
import { box, freshBoxEachTest } from '../recordings/fresh-box.ts';

const CYCLES = 200;
/** Before the count begins: the first cycles open what stays open (the reader of metadata, tables of the store). */
const WARM_UP = 5;

freshBoxEachTest();

/** What the open handles of this process point to, without those of the test runner: pipes and sockets have numbers. */
const openFiles = (): readonly string[] =>
  process
    .getActiveResourcesInfo()
    .concat(readdirSync('/proc/self/fd').map(() => 'fd'))
    .filter((kind) => kind === 'fd' || kind === 'Timeout' || kind === 'ProcessWrap');

const count = (kinds: readonly string[], kind: string) => kinds.filter((one) => one === kind).length;

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
  const before = openFiles();
  for (let turn = 0; turn < CYCLES; turn += 1) await cycle();
  const after = openFiles();
  for (const kind of ['fd', 'Timeout', 'ProcessWrap']) {
    expect(count(after, kind), kind).toBeLessThanOrEqual(count(before, kind));
  }
  const status = await running.control.status();
  expect(status).toMatchObject({ signal: 'ready', cards: [], problems: [] });
  const rows = running.control.history();
  expect(rows).toHaveLength(CYCLES + WARM_UP);
  expect(rows.every((row) => row.outcome === 'done')).toBe(true);
});
