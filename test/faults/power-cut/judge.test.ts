import { describe, expect, it } from 'vitest';
import type { Found } from '../../lab/guest/protocol.ts';
import type { Promised } from './acknowledged.ts';
import { judge, judgeEnd } from './judge.ts';

const file = (path: string, xxh64: string, sizeBytes = 10) => ({ path, sizeBytes, xxh64 });
const found = (...files: readonly ReturnType<typeof file>[]): Found[] =>
  files.map((one) => ({ ...one, error: null }));
const promised = (...files: Promised['files'][number][]): Promised[] => [
  { at: 1, driveId: 'd', what: 'FilesSettled', files },
];

const A = file('Photos/2026/A.JPG', 'aa');
const B = file('Photos/2026/B.JPG', 'bb');
const MANIFEST = file('Photos/ascmhl/0001_Photos.mhl', 'cc');
const MARK = file('.imagetank/drive.json', 'dd');
const EXPECTED = { photos: [A, B], manifests: new Map([[MANIFEST.path, [MANIFEST]]]) };

const verdict = (files: readonly Found[], promises: readonly Promised[] = []) =>
  judge(files, { ...EXPECTED, promised: promises });

describe('a drive after a power cut', () => {
  it('is right with what was promised, with more of it, and with nothing when nothing was promised', () => {
    const right = { lost: [], wrong: [], doubled: [] };
    expect(verdict([])).toEqual(right);
    expect(verdict(found(A), promised(A))).toEqual(right);
    expect(verdict(found(A, B, MANIFEST, MARK), promised(A, MARK))).toEqual(right);
  });

  it('has lost what is missing, empty, or unreadable under its name', () => {
    expect(verdict(found(B), promised(A)).lost).toEqual(['Photos/2026/A.JPG is missing']);
    expect(verdict(found({ ...A, sizeBytes: 0, xxh64: 'e' }), promised(A)).lost).toEqual([
      'Photos/2026/A.JPG has 0 bytes e',
    ]);
    const unreadable: Found = { path: A.path, sizeBytes: 0, xxh64: null, error: 'EIO' };
    expect(verdict([unreadable], promised(A)).lost).toEqual(['Photos/2026/A.JPG has 0 bytes EIO']);
  });

  it('has lost the mark of its adoption', () => {
    expect(verdict([], promised(MARK)).lost).toEqual(['.imagetank/drive.json is missing']);
  });

  it('counts what was promised twice once, and what is lost not as wrong too', () => {
    const { lost, wrong } = verdict(found({ ...A, xxh64: 'half' }), [...promised(A), ...promised(A)]);
    expect(lost).toHaveLength(1);
    expect(wrong).toEqual([]);
  });

  it('is wrong with half a file under any name below Photos or Other', () => {
    expect(verdict(found({ ...A, xxh64: 'half' })).wrong).toEqual(['Photos/2026/A.JPG has 10 bytes half']);
    expect(verdict(found(file('Other/X/C.TXT', 'half'))).wrong).toHaveLength(1);
    expect(verdict([{ path: 'Photos/2026', sizeBytes: 0, xxh64: null, error: 'EIO' }]).wrong).toHaveLength(1);
    expect(verdict(found(file('.imagetank/incoming/1.part', 'half'))).wrong).toEqual([]);
  });

  it('is wrong with half a manifest, or a photo under a name of one', () => {
    expect(verdict(found({ ...MANIFEST, xxh64: 'half' })).wrong).toHaveLength(1);
    expect(verdict(found({ ...MANIFEST, path: 'Photos/ascmhl/other' })).wrong).toHaveLength(1);
    expect(verdict(found({ ...A, path: 'Photos/ascmhl/A.JPG' })).wrong).toHaveLength(1);
  });

  it('is doubled with one photo under two names', () => {
    expect(verdict(found(A, { ...A, path: 'Photos/2026/A_2.JPG' })).doubled).toEqual([
      'Photos/2026/A.JPG = Photos/2026/A_2.JPG',
    ]);
  });
});

describe('a drive when imagetank has gone on to the end', () => {
  it('holds each photo once', () => {
    expect(judgeEnd(found(A, B, MANIFEST), [A, B])).toEqual({ lost: [], wrong: [], doubled: [] });
  });

  it('has lost what it does not hold, under whatever name', () => {
    expect(judgeEnd(found({ ...A, path: 'Photos/x.JPG' }), [A, B]).lost).toEqual(['10/bb']);
  });

  it('is doubled with two of one, wrong with anything else', () => {
    const { doubled, wrong } = judgeEnd(
      found(A, { ...A, path: 'Photos/2026/A_2.JPG' }, B, { ...B, path: 'Photos/B', xxh64: 'half' }),
      [A, B],
    );
    expect(doubled).toHaveLength(1);
    expect(wrong).toHaveLength(1);
  });
});
