import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { driveId } from '../../machines/ids.ts';
import { file, settled } from '../journal/facts.ts';
import {
  judgeLeftovers,
  judgeManifests,
  judgeNames,
  judgeSettled,
  judgeWhole,
  type Note,
  treeOf,
} from './judge.ts';

const card = new Map([
  ['DCIM/a.jpg', 'hash of a'],
  ['DCIM/b.jpg', 'hash of b'],
]);
const found: string[] = [];
const note: Note = (harm, text) => found.push(`${harm} ${text}`);
const folders: string[] = [];
afterEach(() => {
  found.length = 0;
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function driveWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'imagetank-judge-'));
  folders.push(folder);
  mkdirSync(join(folder, '.imagetank/incoming'), { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

test('every file under its own name is fine', () => {
  judgeNames(new Map([['Photos/a.jpg', 'hash of a']]), card, note);
  judgeWhole(card, card, card, note);
  expect(found).toEqual([]);
});

test('half a file, a file under the name of another, and a second copy are found', () => {
  const drive = new Map([
    ['Photos/a.jpg', 'half of a'],
    ['Photos/x/a.jpg', 'hash of b'],
    ['Photos/b.jpg', 'hash of b'],
  ]);
  judgeNames(drive, card, note);
  expect(found).toEqual([
    'wrong Photos/a.jpg is no file of the card',
    'wrong Photos/x/a.jpg is no file of the card',
    'doubled Photos/b.jpg is Photos/x/a.jpg',
  ]);
});

test('two empty files of two names are no double', () => {
  const empty = treeOf(driveWith({ 'Photos/a.jpg': '', 'Photos/b.jpg': '' }), ['Photos']);
  judgeNames(empty, new Map([...empty].map(([path, hash]) => [path, hash])), note);
  expect(found).toEqual([]);
});

test('a file that is missing when all is done is lost, one that lies elsewhere is wrong', () => {
  const reference = new Map([['Photos/a.jpg', 'hash of a']]);
  judgeWhole(new Map([['Photos/z/a.jpg', 'hash of a']]), card, reference, note);
  expect(found).toEqual(['lost DCIM/b.jpg', 'wrong Photos/z/a.jpg: not where it belongs']);
});

test('what the journal acknowledged for this drive has to be there as it was', () => {
  const fact = settled('b1', { copied: [file('a.jpg')] });
  if (fact.type !== 'FilesSettled') throw new Error('no such fact');
  const [copied] = fact.copied;
  if (copied === undefined) throw new Error('nothing was copied');
  judgeSettled(fact.driveId, new Map([[copied.to, copied.xxh64]]), [fact], note);
  judgeSettled(driveId('another'), new Map(), [fact], note);
  expect(found).toEqual([]);
  judgeSettled(fact.driveId, new Map([[copied.to, 'altered']]), [fact], note);
  expect(found).toEqual([`lost ${copied.to}: settled in the journal`]);
});

test('a file left in incoming and a torn line are found', () => {
  judgeLeftovers(driveWith({ '.imagetank/journal.jsonl': '{"seq":1}\n' }), note);
  expect(found).toEqual([]);
  const left = { '.imagetank/journal.jsonl': '{"seq":1}\n{"s', '.imagetank/incoming/x.part': '' };
  judgeLeftovers(driveWith(left), note);
  expect(found).toEqual([
    'wrong incoming holds x.part',
    'wrong the last line of the journal on the drive is torn',
  ]);
});

test('a photo that no manifest lists is found', async () => {
  const drive = driveWith({ 'Photos/a.jpg': 'a' });
  await judgeManifests(drive, treeOf(drive, ['Photos']), note);
  expect(found).toEqual(['wrong Photos/a.jpg: the manifest says undefined']);
});
