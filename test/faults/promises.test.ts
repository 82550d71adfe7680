import { expect, test } from 'vitest';
import { brokenPromises } from './promises.ts';

const UPLOADS = '/r/drive/.imagetank/uploads';
const ID = '00000000-0000-4000-8000-000000000000';
const [PART, NEW, RECORD] = ['part', 'new', 'json'].map((ending) => `${UPLOADS}/${ID}.${ending}`);
const ANSWER = 'write socket:[4711]';

const brokenIn = (...calls: readonly string[]) =>
  brokenPromises(
    calls.map((call) => {
      const [name = '', path = ''] = call.split(' ');
      return { name, path, count: 1, first: true };
    }),
  ).map((text) => text.replace(ID, ''));

const RENAMED = `rename /proc/self/fd/20/${ID}.json`;
const SYNCED = [`fsync ${RECORD}`, `fsync ${UPLOADS}`];
const SAVED = [`pwrite64 ${NEW}`, `fsync ${NEW}`, RENAMED, ...SYNCED];

test.each([
  ['all is synced', [`pwrite64 ${PART}`, `fsync ${PART}`, ...SAVED], []],
  ['the bytes are not', [`pwrite64 ${PART}`, ...SAVED], ['.part: answered before it was synced']],
  [
    'bytes came after the sync',
    [`fsync ${PART}`, `write ${PART}`, ...SAVED],
    ['.part: answered before it was synced'],
  ],
  [
    'the record is not, before its rename',
    [`pwrite64 ${NEW}`, RENAMED, ...SYNCED],
    ['.json: renamed before it was synced'],
  ],
  [
    'the record is not, under its name',
    [`pwrite64 ${NEW}`, `fdatasync ${NEW}`, RENAMED, `fsync ${UPLOADS}`],
    ['.json: answered before it was synced'],
  ],
  [
    'its folder is not',
    [`pwrite64 ${NEW}`, `fsync ${NEW}`, RENAMED, `fsync ${RECORD}`],
    ['uploads: answered before it was synced'],
  ],
  ['what was not is removed', [...SAVED, RENAMED, ...SYNCED, `write ${PART}`, `unlink ${PART}`], []],
  [
    'it is no upload',
    ['write /r/state/journal.db', 'rename /r/photo.jpg', `write /r/drive/.imagetank/incoming/${ID}.part`],
    [],
  ],
])('answered when %s', (_what, calls, broken) => {
  expect(brokenIn(...calls, ANSWER)).toEqual(broken);
  expect(brokenIn(...calls).filter((text) => text.includes('answered'))).toEqual([]);
});
