import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Composition } from '../../bin/compose.ts';
import type { Fact, FactOf, FactType } from '../../machines/facts.ts';
import type { Clock } from '../../services/ports.ts';
import { Box, until } from '../recordings/box.ts';
import { quickClock } from './machine.ts';

let box: Box;
let drive: string;
let inbox: string;
beforeEach(() => {
  box = new Box();
  drive = box.drive('drive');
  inbox = join(drive, 'inbox');
  mkdirSync(inbox);
});
afterEach(async () => {
  await box.stop();
  box.remove();
});

/** So fast that the thirty seconds of a complete file are one, and that a test still comes in between. */
const FACTOR = 30;
const start = (config: Readonly<Record<string, unknown>> = {}, clock: Clock = quickClock(FACTOR)) =>
  box.start(drive, { clock }, config);

const facts = (): readonly Fact[] => [...(box.store?.log.read() ?? [])].map(({ fact }) => fact);
const of = <Type extends FactType>(type: Type): readonly FactOf<Type>[] =>
  facts().filter((fact): fact is FactOf<Type> => fact.type === type);

/** The first fact of this kind from now on, or the one that there is when nothing was said yet. */
async function fact<Type extends FactType>({ control }: Composition, type: Type): Promise<void> {
  await firstValueFrom(control.head$.pipe(filter(() => of(type).length > 0)));
}

function filesBelow(top: string): readonly string[] {
  if (!existsSync(top)) return [];
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(top, join(entry.parentPath, entry.name)))
    .sort();
}
const photos = () => filesBelow(join(drive, 'Photos')).filter((path) => !path.includes('ascmhl'));
const taken = () => filesBelow(join(drive, '.imagetank/taken'));

test('after half a minute without a change a file is copied, verified, recorded and moved out of the inbox', async () => {
  const running = await start();
  expect((await running.control.status()).signal).toBe('ready');
  const bytes = randomBytes(300_000);
  mkdirSync(join(inbox, 'DCIM'));
  writeFileSync(join(inbox, 'DCIM/IMG_0001.JPG'), bytes);
  await until(running, 'attention');
  const [card] = (await running.control.status()).cards;
  expect(card).toMatchObject({ label: 'inbox of drive', path: inbox, backedUp: false });
  await fact(running, 'InboxTaken');
  await until(running, 'ready');

  const [copy] = photos();
  expect(readFileSync(join(drive, 'Photos', copy ?? ''))).toEqual(bytes);
  expect(filesBelow(inbox)).toEqual([]);
  const [{ backupId, files } = { backupId: '', files: [] }] = of('InboxTaken');
  expect(files).toEqual(['DCIM/IMG_0001.JPG']);
  expect(taken()).toEqual([`${backupId}/DCIM/IMG_0001.JPG`]);
  expect(of('BackupFinished')).toMatchObject([{ backupId, trusted: true, enough: true }]);
  const [life] = running.control.library.explain({ name: 'IMG_0001.JPG' }).lives;
  expect(life?.chapters[0]).toMatchObject({
    what: 'copied',
    card: { label: 'inbox of drive' },
    path: 'DCIM/IMG_0001.JPG',
  });
});
