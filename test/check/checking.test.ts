import { expect, test } from 'vitest';
import { cardId, relativePath } from '../../machines/ids.ts';
import { Checking } from '../../services/checking.ts';
import { CardError } from '../../services/errors.ts';
import type { CardReader, ScannedFile } from '../../services/ports.ts';
import { daemonStarted, devicesKnown } from '../machines/story.ts';
import { flush, runtimeKit } from '../runtime/kit.ts';

/** A card, at first without files, and no drive. */
async function box() {
  const kit = runtimeKit();
  await kit.tell(daemonStarted(), devicesKnown());
  let listed = 0;
  const files: ScannedFile[] = [];
  const cards: Partial<CardReader> = {
    isPresent: async () => true,
    open: () => Promise.reject(new CardError('unreadable', 'EIO')),
    async *scan() {
      listed += 1;
      for (const file of files) yield file;
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
  return { ...kit, check, files, listed: () => listed };
}

test('the answer is in the journal before it is given', async () => {
  const { check, recorded } = await box();
  await check((message) => {
    if ('result' in message) expect(recorded().at(-1)).toBe('CardChecked');
  });
  expect(recorded().at(-1)).toBe('CardChecked');
});

test('no answer while the journal takes nothing: said at once, before the card is read', async () => {
  const { check, log, runtime, listed } = await box();
  log.failures = 1;
  runtime.submit({ type: 'Acknowledged' }).catch(() => undefined);
  await flush();
  await expect(check()).rejects.toMatchObject({ exitCode: 74, code: 'state-disk-full' });
  expect(listed()).toBe(0);
});

test('a journal that takes nothing when the answer is there: no answer, and no waiting', async () => {
  const { check, log } = await box();
  log.failures = 1;
  await expect(check()).rejects.toMatchObject({ exitCode: 74 });
});

test('a no is told although the journal takes nothing, and recorded when it does: green does not come back', async () => {
  const { check, files, log, clock, recorded } = await box();
  files.push({ kind: 'file', path: relativePath('DCIM/IMG_1.JPG'), sizeBytes: 10, mtimeMs: 0 });
  log.failures = 1;
  const told: object[] = [];
  await check((message) => told.push(message));
  expect(told.at(-1)).toMatchObject({ result: { safe: false } });
  expect(recorded()).not.toContain('CardChecked');
  clock.advance(5000);
  await flush();
  expect([...log.read()].map(({ fact }) => fact)).toContainEqual({
    type: 'CardChecked',
    cardId: 'card-A',
    safe: false,
  });
});
