import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useCleaner } from '../fs/folders.ts';
import { b64, Harbour, inInbox } from './kit.ts';
import { codeOf, delivery, pieces } from './sending.ts';

const clean = useCleaner();

test('a phone that calls every photo image.jpg gets the thousand and first in, or a refusal with a name', async () => {
  const harbour = new Harbour(await clean.folder());
  const root = await harbour.adopt('one');
  const uploads = harbour.uploads();
  const send = async () => {
    const { id } = await uploads.create('phone', 1, `filename ${b64('image.jpg')}`);
    return uploads.receive('phone', id, delivery(pieces('x')));
  };
  await send();
  const [first = ''] = inInbox(root);
  const folder = join(root, 'inbox', first.split('/')[0] ?? '');
  mkdirSync(folder, { recursive: true });
  for (let number = 2; number <= 1000; number += 1) {
    writeFileSync(join(folder, `image (${number}).jpg`), 'y');
  }
  const outcome = await codeOf(send());
  // Not an `Error` of the system: it becomes a 500, and the phone sends all of it again, for ever.
  expect(outcome).not.toBeInstanceOf(Error);
});
