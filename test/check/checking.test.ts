import { expect, test } from 'vitest';
import { cardId } from '../../machines/ids.ts';
import { Checking } from '../../services/checking.ts';
import type { CardReader } from '../../services/ports.ts';
import { daemonStarted, devicesKnown } from '../machines/story.ts';
import { flush, runtimeKit } from '../runtime/kit.ts';

/** A card of no files. `listed` counts how often it was looked at. */
async function empty() {
  const kit = runtimeKit();
  await kit.tell(daemonStarted(), devicesKnown());
  let listed = 0;
  const cards: Partial<CardReader> = {
    isPresent: async () => true,
    async *scan() {
      listed += 1;
      yield* [];
    },
  };
  const checking = new Checking({
    runtime: kit.runtime,
    store: kit.store,
    cards: cards as CardReader,
    openDrive: () => Promise.reject(new Error('no drive')),
    drives: () => [],
    attached: () => [],
    copies: 'all',
  });
  const check = async (each: (message: object) => void = () => undefined) => {
    for await (const message of checking.check({ id: cardId('card-A'), path: '/media/A' })) each(message);
  };
  return { ...kit, check, listed: () => listed };
}

test('the answer is in the journal before it is given', async () => {
  const { check, recorded } = await empty();
  await check((message) => {
    if ('result' in message) expect(recorded().at(-1)).toBe('CardChecked');
  });
  expect(recorded().at(-1)).toBe('CardChecked');
});

test('no answer while the journal takes nothing: said at once, before the card is read', async () => {
  const { check, log, runtime, listed } = await empty();
  log.failures = 1;
  runtime.submit({ type: 'Acknowledged' }).catch(() => undefined);
  await flush();
  await expect(check()).rejects.toMatchObject({ exitCode: 74, code: 'state-disk-full' });
  expect(listed()).toBe(0);
});

test('a journal that takes nothing when the answer is there: no answer, and no waiting', async () => {
  const { check, log } = await empty();
  log.failures = 1;
  await expect(check()).rejects.toMatchObject({ exitCode: 74 });
});
