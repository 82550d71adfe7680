import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import type { Composition } from '../../bin/composition.ts';
import type { FactOf, FactType } from '../../machines/facts.ts';
import { until } from '../recordings/box.ts';
import { box } from '../recordings/fresh-box.ts';
import { drive, inbox, inboxEachTest } from './inbox-box.ts';
import { uploadClock } from './upload-clock.ts';

inboxEachTest();

const start = () => box.start(drive, { clock: uploadClock() });
const of = <Type extends FactType>(type: Type): readonly FactOf<Type>[] =>
  [...(box.store?.log.read() ?? [])].flatMap(({ fact }) =>
    fact.type === type ? [fact as FactOf<Type>] : [],
  );
const fact = ({ control }: Composition, type: FactType): Promise<unknown> =>
  firstValueFrom(control.head$.pipe(filter(() => of(type).length > 0)));
const problems = async ({ control }: Composition): Promise<readonly string[]> =>
  (await control.status()).problems.filter(({ code }) => code === 'inbox').map(({ message }) => message);

async function drained(messages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of messages);
}

test('files in a hidden folder are told and never touched, and no light is green over them', async () => {
  const running = await start();
  mkdirSync(join(inbox, '.from-phone'));
  writeFileSync(join(inbox, '.from-phone/IMG_0001.JPG'), randomBytes(5000));
  writeFileSync(join(inbox, 'IMG_0002.JPG'), randomBytes(5000));
  await until(running, 'attention');
  const since = box.lines.length;
  await fact(running, 'InboxTaken');
  expect(of('BackupFinished')).toMatchObject([{ enough: false, totals: { files: 1 } }]);
  expect(await problems(running)).toEqual([
    'inbox of drive: 1 file lies in a hidden folder (.from-phone/IMG_0001.JPG): not copied; give the folder a name without a dot, or remove it.',
  ]);
  expect(existsSync(join(inbox, '.from-phone/IMG_0001.JPG'))).toBe(true);
  expect(box.lines.slice(since).some(({ signal }) => signal === 'ready')).toBe(false);

  renameSync(join(inbox, '.from-phone'), join(inbox, 'from-phone'));
  await until(running, 'ready');
  expect(await problems(running)).toEqual([]);
});

test('an inbox that is a link is told, and nothing behind it is touched', async () => {
  const elsewhere = join(box.root, 'elsewhere');
  renameSync(inbox, elsewhere);
  writeFileSync(join(elsewhere, 'IMG_0001.JPG'), randomBytes(5000));
  symlinkSync(elsewhere, inbox);
  const running = await start();
  await until(running, 'attention');
  expect(await problems(running)).toEqual([expect.stringContaining('it is a link, which is never followed')]);
  for (const word of ['inbox of drive', inbox]) {
    const refused = {
      exitCode: 66,
      message: `${inbox}: the inbox of drive is a link, which is never followed`,
    };
    await expect(drained(running.control.check(word))).rejects.toMatchObject(refused);
    await expect(drained(running.control.preview(word, {}))).rejects.toMatchObject(refused);
  }
  await running.control.backup({ card: null, to: null, fit: false, wait: false });
  await fact(running, 'BackupFinished');
  await until(running, 'attention');
  expect(of('BackupFinished')).toMatchObject([{ enough: false, totals: { files: 0 } }]);
  expect(readdirSync(elsewhere)).toEqual(['IMG_0001.JPG']);
});

test('a drive is not let go before somebody knows of an upload that went on after it was taken', async () => {
  const running = await start();
  writeFileSync(join(inbox, 'MVI_0001.MP4'), randomBytes(50_000));
  await fact(running, 'InboxTaken');
  await until(running, 'ready');
  const [{ backupId } = { backupId: '' }] = of('InboxTaken');
  appendFileSync(join(drive, '.imagetank/taken', backupId, 'MVI_0001.MP4'), randomBytes(50_000));
  await expect(running.control.eject('drive')).rejects.toMatchObject({ exitCode: 75, code: 'inbox-changed' });
  expect(readdirSync(inbox)).toEqual(['MVI_0001.MP4']);
  expect((await running.control.status()).signal).not.toBe('ready');
});

test('a file where the inbox was keeps no changed upload behind a green light', async () => {
  const running = await start();
  writeFileSync(join(inbox, 'MVI_0001.MP4'), randomBytes(50_000));
  await fact(running, 'InboxTaken');
  await until(running, 'ready');
  const [{ backupId } = { backupId: '' }] = of('InboxTaken');
  const taken = join(drive, '.imagetank/taken', backupId, 'MVI_0001.MP4');
  appendFileSync(taken, randomBytes(50_000));
  rmdirSync(inbox);
  writeFileSync(inbox, 'no folder');
  await until(running, 'attention');
  expect(await problems(running)).toEqual([
    expect.stringContaining('it is no folder'),
    expect.stringContaining('MVI_0001.MP4 changed after being copied'),
  ]);
  expect(existsSync(taken)).toBe(true);
});

test('of a name that is not UTF-8 the journal tells the bytes', async () => {
  const running = await start();
  const name = Buffer.from('caf\xe9.JPG', 'latin1');
  writeFileSync(Buffer.concat([Buffer.from(`${inbox}/`), name]), randomBytes(5000));
  await fact(running, 'InboxTaken');
  const shown = 'caf\uFFFD.JPG';
  expect(of('InboxTaken')).toMatchObject([
    { files: [shown], notUtf8: [{ path: shown, pathBase64: name.toString('base64') }] },
  ]);
});
