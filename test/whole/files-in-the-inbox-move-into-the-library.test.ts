import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import type { Composition } from '../../bin/composition.ts';
import type { Fact, FactOf, FactType } from '../../machines/facts.ts';
import type { Clock } from '../../services/ports.ts';
import { until } from '../recordings/box.ts';
import { box } from '../recordings/fresh-box.ts';
import { drive, inbox, inboxEachTest } from './inbox-box.ts';
import { uploadClock, waitOn } from './upload-clock.ts';

inboxEachTest();

const start = (config: Readonly<Record<string, unknown>> = {}, clock: Clock = uploadClock()) =>
  box.start(drive, { clock }, config);

const facts = (): readonly Fact[] => [...(box.store?.log.read() ?? [])].map(({ fact }) => fact);
const of = <Type extends FactType>(type: Type): readonly FactOf<Type>[] =>
  facts().filter((fact): fact is FactOf<Type> => fact.type === type);

/** The first fact of this kind from now on, or the one that there is when nothing was said yet. */
async function fact<Type extends FactType>({ control }: Composition, type: Type): Promise<void> {
  await firstValueFrom(control.head$.pipe(filter(() => of(type).length > 0)));
}

const taken = ({ control }: Composition, times: number): Promise<unknown> =>
  firstValueFrom(control.head$.pipe(filter(() => of('InboxTaken').length === times)));

function filesBelow(top: string): readonly string[] {
  if (!existsSync(top)) return [];
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(top, join(entry.parentPath, entry.name)))
    .sort();
}
const photos = () => filesBelow(join(drive, 'Photos')).filter((path) => !path.includes('ascmhl'));
const takenFiles = () => filesBelow(join(drive, '.imagetank/taken'));

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
  expect(takenFiles()).toEqual([`${backupId}/DCIM/IMG_0001.JPG`]);
  expect(of('BackupFinished')).toMatchObject([{ backupId, trusted: true, enough: true }]);
  const [life] = running.control.library.explain({ name: 'IMG_0001.JPG' }).lives;
  expect(life?.chapters[0]).toMatchObject({
    what: 'copied',
    card: { label: 'inbox of drive' },
    path: 'DCIM/IMG_0001.JPG',
  });
});

/** Nothing of a story may be green before its last byte is in the library. */
const greenSince = (line: number): boolean => box.lines.slice(line).some(({ signal }) => signal === 'ready');

test('a client that writes slowly is waited for, and no light is green meanwhile', async () => {
  const clock = uploadClock();
  const running = await start({}, clock);
  const path = join(inbox, 'MVI_0001.MP4');
  writeFileSync(path, '');
  await until(running, 'attention');
  const since = box.lines.length;
  for (let block = 0; block < 8; block += 1) {
    appendFileSync(path, randomBytes(50_000));
    // Less than a third of the time after which it would be complete.
    await waitOn(clock, 9000);
  }
  expect(of('BackupRequested')).toEqual([]);
  expect(greenSince(since)).toBe(false);
  await fact(running, 'InboxTaken');
  expect(statSync(join(drive, 'Photos', photos()[0] ?? '')).size).toBe(400_000);
});

test('a file with a temporary name is no file yet; the name that it gets at its end counts', async () => {
  const running = await start();
  writeFileSync(join(inbox, 'IMG_0002.JPG.part'), randomBytes(5000));
  writeFileSync(join(inbox, '.DS_Store'), 'folder settings');
  await until(running, 'attention');
  const since = box.lines.length;
  writeFileSync(join(inbox, 'IMG_0001.JPG'), randomBytes(5000));
  await fact(running, 'InboxTaken');
  expect(of('BackupFinished')).toMatchObject([{ enough: false, totals: { files: 1 } }]);
  expect(greenSince(since)).toBe(false);
  expect(filesBelow(inbox)).toEqual(['.DS_Store', 'IMG_0002.JPG.part']);

  renameSync(join(inbox, 'IMG_0002.JPG.part'), join(inbox, 'IMG_0002.JPG'));
  await taken(running, 2);
  await until(running, 'ready');
  expect(photos()).toHaveLength(2);
  expect(filesBelow(inbox)).toEqual(['.DS_Store']);
});

test('an upload that stalls for long enough to look complete loses no byte', async () => {
  const running = await start();
  const bytes = randomBytes(600_000);
  const client = openSync(join(inbox, 'MVI_0002.MP4'), 'w');
  try {
    writeSync(client, bytes.subarray(0, 200_000));
    await fact(running, 'InboxTaken');
    // The network is back: the client writes on into the file that it holds open.
    writeSync(client, bytes.subarray(200_000));
  } finally {
    closeSync(client);
  }
  await fact(running, 'InboxCleared');
  expect(of('InboxCleared')).toMatchObject([
    { removed: [], putBack: [{ path: 'MVI_0002.MP4', as: 'MVI_0002.MP4' }] },
  ]);
  await taken(running, 2);
  const contents = photos().map((path) => readFileSync(join(drive, 'Photos', path)));
  expect(contents.filter((content) => content.equals(bytes))).toHaveLength(1);
  expect(contents).toHaveLength(2);
});

test('a file that is one with a copy in the library gets a copy of its own before it leaves the inbox', async () => {
  const running = await start();
  writeFileSync(join(inbox, 'IMG_0001.JPG'), randomBytes(5000));
  await fact(running, 'InboxTaken');
  await until(running, 'ready');
  const [first = ''] = photos();
  linkSync(join(drive, 'Photos', first), join(inbox, 'again.JPG'));
  await until(running, 'attention');
  await firstValueFrom(running.control.head$.pipe(filter(() => of('InboxTaken').length === 2)));
  await until(running, 'ready');
  expect(filesBelow(inbox)).toEqual([]);
  const files = photos().map((path) => statSync(join(drive, 'Photos', path)));
  expect(files.map(({ size }) => size)).toEqual([5000, 5000]);
  expect(new Set(files.map(({ ino }) => ino)).size).toBe(2);
});

test('links are not followed, and what they lead to stays as it is', async () => {
  const outside = box.card('outside', { 'IMG_0009.JPG': 5000 });
  const running = await start();
  symlinkSync(outside, join(inbox, 'folder'));
  symlinkSync(join(outside, 'DCIM/100TEST/IMG_0009.JPG'), join(inbox, 'IMG_0009.JPG'));
  writeFileSync(join(inbox, 'IMG_0001.JPG'), randomBytes(5000));
  await fact(running, 'InboxTaken');
  await until(running, 'ready');
  expect(photos()).toEqual([expect.stringMatching(/IMG_0001\.JPG$/)]);
  expect(readdirSync(inbox).sort()).toEqual(['IMG_0009.JPG', 'folder']);
  expect(filesBelow(outside)).toEqual(['DCIM/100TEST/IMG_0009.JPG']);
});

test('what was taken is deleted at the first start after another boot, with the folders that it leaves empty', async () => {
  let running = await start();
  mkdirSync(join(inbox, 'DCIM/100TEST'), { recursive: true });
  mkdirSync(join(inbox, 'mine'));
  writeFileSync(join(inbox, 'DCIM/100TEST/IMG_0001.JPG'), randomBytes(5000));
  await fact(running, 'InboxTaken');
  await until(running, 'ready');
  await box.stop();
  box.store?.log.close();
  running = await start({}, uploadClock('another boot'));
  await fact(running, 'InboxCleared');
  expect(of('InboxCleared')).toMatchObject([{ removed: ['DCIM/100TEST/IMG_0001.JPG'], putBack: [] }]);
  expect(readdirSync(join(drive, '.imagetank/taken'))).toEqual([]);
  expect(readdirSync(inbox)).toEqual(['mine']);
  expect(photos()).toHaveLength(1);
});

test('with two drives a file leaves the inbox when it is on both', async () => {
  const second = box.drive('second');
  const running = await start({ copies: 2 });
  writeFileSync(join(inbox, 'IMG_0001.JPG'), randomBytes(5000));
  await fact(running, 'BackupFailed');
  await until(running, 'error');
  expect(of('BackupFailed')).toMatchObject([{ reason: 'too-few-copies' }]);
  expect(filesBelow(inbox)).toEqual(['IMG_0001.JPG']);
  await running.control.adopt(second, false);
  await fact(running, 'InboxTaken');
  await until(running, 'ready');
  expect(filesBelow(inbox)).toEqual([]);
  const copies = filesBelow(join(second, 'Photos')).filter((path) => path.endsWith('.JPG'));
  expect(copies).toEqual(photos());
});

test('a file that came after the green light takes it away', async () => {
  const running = await start();
  writeFileSync(join(inbox, 'IMG_0001.JPG'), randomBytes(5000));
  await fact(running, 'InboxTaken');
  await until(running, 'ready');
  writeFileSync(join(inbox, 'IMG_0002.JPG'), randomBytes(5000));
  await until(running, 'attention');
  await until(running, 'ready');
  expect(photos()).toHaveLength(2);
});

test('with auto = "off" an inbox waits for a person, and takes only what is complete', async () => {
  const clock = uploadClock();
  const running = await start({ auto: 'off' }, clock);
  writeFileSync(join(inbox, 'IMG_0001.JPG'), randomBytes(5000));
  writeFileSync(join(inbox, 'IMG_0002.JPG.part'), randomBytes(5000));
  await until(running, 'attention');
  await waitOn(clock, 40_000);
  expect(of('BackupRequested')).toEqual([]);
  // A person asks until it was complete.
  for (; of('InboxTaken').length === 0; await waitOn(clock, 5000)) {
    await running.control.backup({ card: 'inbox of drive', to: null, fit: false, wait: false });
  }
  expect(filesBelow(inbox)).toEqual(['IMG_0002.JPG.part']);
  expect(of('BackupRequested').every(({ by }) => by === 'person')).toBe(true);
  const notes = [expect.stringContaining('1 of its files are not in the library yet (IMG_0002.JPG.part)')];
  expect(of('BackupFinished').at(-1)).toMatchObject({ enough: false, notes: expect.arrayContaining(notes) });
});

test('a drive that is ejected takes its inbox along, and no light is green for a moment', async () => {
  const running = await start({ auto: 'off' });
  writeFileSync(join(inbox, 'IMG_0001.JPG'), randomBytes(5000));
  await until(running, 'attention');
  const since = box.lines.length;
  await expect(running.control.eject('drive')).rejects.toMatchObject({ exitCode: 75, code: 'inbox-waiting' });
  await running.control.eject('drive');
  await until(running, 'waiting');
  expect(greenSince(since)).toBe(false);
  expect((await running.control.status()).cards).toEqual([]);
});

test('with inbox = false, and on a drive without the folder, nothing is touched and nothing is made', async () => {
  const clock = uploadClock();
  const other = box.drive('other');
  const running = await start({ inbox: false }, clock);
  await running.control.adopt(other, false);
  writeFileSync(join(inbox, 'IMG_0001.JPG'), randomBytes(5000));
  await waitOn(clock, 45_000);
  expect((await running.control.status()).cards).toEqual([]);
  expect(filesBelow(inbox)).toEqual(['IMG_0001.JPG']);
  expect(readdirSync(other)).not.toContain('inbox');
});

test('with inbox = false what was taken before comes back when this box did not copy it', async () => {
  mkdirSync(join(drive, '.imagetank/taken/20261121-1'), { recursive: true });
  writeFileSync(join(drive, '.imagetank/taken/20261121-1/IMG_0001.JPG'), randomBytes(5000));
  const running = await start({ inbox: false });
  if (of('InboxCleared').length === 0) await fact(running, 'InboxCleared');
  expect([takenFiles(), filesBelow(inbox)]).toEqual([[], ['IMG_0001.JPG']]);
  expect((await running.control.status()).cards).toEqual([]);
});
