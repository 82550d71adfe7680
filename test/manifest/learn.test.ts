import { describe, expect, it } from 'vitest';
import type { LearnedFile } from '../../machines/media.ts';
import { numberReader } from '../../services/library/layout.ts';
import { c4OfText } from '../../services/manifest/c4.ts';
import { LEARNED_A_FACT, type Learning, learnContent } from '../../services/manifest/learn.ts';
import { chainText } from '../../services/manifest/mhl-writer.ts';
import { sealBackup } from '../../services/manifest/seal.ts';
import { copyOf, DRIVE, ListCatalogue, MemoryDrive } from './memory-drive.ts';

/** A drive as another imagetank leaves it: one seal for each list of files. */
async function filledDrive(...backups: Record<string, string>[]): Promise<MemoryDrive> {
  const drive = new MemoryDrive();
  for (const [index, files] of backups.entries()) {
    for (const [path, content] of Object.entries(files)) drive.put(path, content);
    await sealBackup({
      store: drive,
      copies: () => Object.keys(files).map((path) => copyOf(drive, path)),
      original: () => null,
      journalLines: [],
      head: { seq: 1, hash: '0'.repeat(64) },
      backupId: `b${index}`,
      at: `2026-11-2${index}T00:00:00Z`,
      hostname: 'other tank',
      version: '0.0.9',
    });
  }
  return drive;
}

async function learn(drive: MemoryDrive, catalogue = new ListCatalogue()): Promise<Learning[]> {
  const all: Learning[] = [];
  for await (const one of learnContent(drive, DRIVE, catalogue)) all.push(one);
  return all;
}

const filesOf = (learned: readonly Learning[]): LearnedFile[] =>
  learned.flatMap((one) => ('fact' in one ? one.fact.files : []));

describe('learning a drive that another imagetank filled', () => {
  it('gives path, size and hash of everything that its manifests list', async () => {
    const drive = await filledDrive({ 'Photos/a.jpg': 'A', 'Other/SD/x.txt': 'X' }, { 'Photos/b.jpg': 'BB' });
    const learned = await learn(drive);
    expect(learned.every((one) => 'fact' in one && one.fact.driveId === DRIVE)).toBe(true);
    expect(filesOf(learned).sort((a, b) => (a.to < b.to ? -1 : 1))).toEqual(
      ['Other/SD/x.txt', 'Photos/a.jpg', 'Photos/b.jpg'].map((path) => {
        const { to, sizeBytes, xxh64 } = copyOf(drive, path);
        return { to, sizeBytes, xxh64 };
      }),
    );
  });

  it('gives the number of a box’s counter where a name has one', async () => {
    const drive = await filledDrive({ 'Photos/20261121/pimg_000007.jpg': 'A', 'Photos/b.jpg': 'B' });
    const numberIn = numberReader({ layout: 'numbered', template: '', dayStarts: '00:00' });
    const learned: Learning[] = [];
    for await (const one of learnContent(drive, DRIVE, new ListCatalogue(), numberIn)) learned.push(one);
    expect(filesOf(learned).map(({ to, number }) => [to, number])).toEqual([
      ['Photos/20261121/pimg_000007.jpg', 7],
      ['Photos/b.jpg', undefined],
    ]);
    expect(filesOf(await learn(drive)).some((file) => 'number' in file)).toBe(false);
  });

  it('believes the newest generation about a path, once', async () => {
    const drive = await filledDrive({ 'Photos/a.jpg': 'old' }, { 'Photos/a.jpg': 'newer' });
    expect(filesOf(await learn(drive))).toEqual([expect.objectContaining({ sizeBytes: 5 })]);
  });

  it('says nothing about what the catalogue has already', async () => {
    const drive = await filledDrive({ 'Photos/a.jpg': 'A', 'Photos/b.jpg': 'B' });
    const known = new ListCatalogue([copyOf(drive, 'Photos/a.jpg')]);
    expect(filesOf(await learn(drive, known)).map(({ to }) => to)).toEqual(['Photos/b.jpg']);
    known.rows.push(copyOf(drive, 'Photos/b.jpg'));
    expect(await learn(drive, known)).toEqual([]);
  });

  it('comes in batches that a journal commits at once', async () => {
    const files = Object.fromEntries(
      Array.from({ length: LEARNED_A_FACT * 2 + 1 }, (_, at) => [`Photos/${at}.jpg`, `${at}`]),
    );
    const sizes = (await learn(await filledDrive(files))).map((one) =>
      'fact' in one ? one.fact.files.length : 0,
    );
    expect(sizes).toEqual([LEARNED_A_FACT, LEARNED_A_FACT, 1]);
  });

  it('learns nothing from a manifest that was altered, and says which', async () => {
    const drive = await filledDrive({ 'Photos/a.jpg': 'A' }, { 'Photos/b.jpg': 'B' });
    const [first = ''] = drive.paths('Photos/ascmhl');
    drive.put(first, drive.text(first).replaceAll('other tank', 'evil tank!'));
    const learned = await learn(drive);
    expect(filesOf(learned).map(({ to }) => to)).toEqual(['Photos/b.jpg']);
    expect(learned).toContainEqual({ problem: expect.objectContaining({ path: first, why: 'altered' }) });
  });

  it('leaves out files without a size or an XXH64, and paths that climb', async () => {
    const drive = new MemoryDrive();
    const entry = (path: string, size: string, hash: string): string =>
      `<hash><path${size}>${path}</path>${hash}</hash>`;
    const xxh64 = '<xxh64>0ea03b369a463d9d</xxh64>';
    const text = `<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><hashes>${[
      entry('good.jpg', ' size="5"', xxh64),
      entry('sizeless.jpg', '', xxh64),
      entry('md5.jpg', ' size="5"', `<md5>${'0'.repeat(32)}</md5>`),
      entry('../../etc/passwd', ' size="5"', xxh64),
    ].join('')}</hashes></hashlist>`;
    const name = '0001_Photos_2020-01-01_000000Z.mhl';
    drive.put(`Photos/ascmhl/${name}`, text);
    drive.put('Photos/ascmhl/ascmhl_chain.xml', chainText([{ sequence: 1, name, c4: c4OfText(text) }]));
    const learned = await learn(drive);
    expect(filesOf(learned).map(({ to }) => to)).toEqual(['Photos/good.jpg']);
    expect(learned.filter((one) => 'problem' in one)).toHaveLength(1);
  });

  it('learns nothing from an empty drive', async () => {
    expect(await learn(new MemoryDrive())).toEqual([]);
  });
});
