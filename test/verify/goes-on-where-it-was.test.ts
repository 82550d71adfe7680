import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { UserError } from '../../services/errors.ts';
import { AT_ONCE } from '../../services/verify/run.ts';
import type { VerifyResult } from '../../services/work-shapes.ts';
import { JournalDrive } from './journal-drive.ts';
import { follow, resultOf } from './work.ts';

const OLD = ['Photos/1/a.jpg', 'Photos/1/b.jpg', 'Photos/1/c.jpg', 'Other/SD/x.txt', 'Other/SD/y.txt'];
const NEW = ['Photos/2/d.jpg', 'Photos/2/e.jpg'];
const LOOSE = ['Photos/3/f.jpg', 'Photos/3/g.jpg', 'Photos/3/\u{1f4f7}.jpg', 'Photos/3/\uff21.jpg'];
const ALL = [...OLD, ...NEW, ...LOOSE];

/** Three manifests in two histories, and copies that only the journal knows. */
async function filled(): Promise<JournalDrive> {
  const box = new JournalDrive();
  await box.backup(...OLD);
  await box.backup(...NEW);
  box.place(...LOOSE);
  return box;
}

/** Reads so many files, then the drive is gone. */
async function interruptAfter(box: JournalDrive, files: number): Promise<void> {
  const { onRead } = box.drive;
  const stop = new AbortController();
  const why = new UserError('test' as never, 75, 'stopped', 'go on');
  let left = files;
  box.drive.onRead = (path) => {
    if (left === 0) stop.abort(why);
    left -= 1;
    onRead(path);
  };
  await expect(resultOf(box.work({ ...AT_ONCE, stop: stop.signal }))).rejects.toBe(why);
  box.drive.onRead = onRead;
}

const CLEAN: VerifyResult = { ok: true, files: ALL.length, altered: [], missing: [], new: [] };

describe('a verification that was interrupted', () => {
  it.each(ALL.map((_, at) => at))('after %i files reads the others, and only those', async (files) => {
    const box = await filled();
    await interruptAfter(box, files);
    const before = box.reads.slice(0, files);
    box.restart();
    expect(await resultOf(box.work())).toEqual(CLEAN);
    expect([...before, ...box.reads].sort()).toEqual([...ALL].sort());
    expect(box.of('VerificationStarted')).toHaveLength(files === 0 ? 2 : 1);
    expect(box.of('VerificationFinished')).toMatchObject([{ files: ALL.length, altered: 0, missing: 0 }]);
    expect(box.book.unfinished(box.drive.drive.id)).toBeNull();
  });

  it('again and again, a file at a time, comes to its end', async () => {
    const box = await filled();
    const read: string[] = [];
    for (let file = 0; file < ALL.length - 1; file += 1) {
      await interruptAfter(box, 1);
      read.push(...box.reads.slice(0, 1));
      box.restart();
    }
    expect(await resultOf(box.work())).toEqual(CLEAN);
    expect([...read, ...box.reads].sort()).toEqual([...ALL].sort());
  });

  it('says where it goes on, and how much was done', async () => {
    const box = await filled();
    await interruptAfter(box, 3);
    const after = box.reads[2];
    box.restart();
    const { progress } = await follow(box.work());
    expect(progress[0]).toMatchObject({
      filesDone: 3,
      filesTotal: ALL.length,
      drive: 'IMAGETANK',
      continued: { after, files: 3, at: '2026-11-21T10:00:00.000Z' },
    });
    expect(progress.at(-1)).toMatchObject({ filesDone: ALL.length });
  });

  it('tells of what its first part found, and looks whether it was mended', async () => {
    const box = await filled();
    const [mended = '', still = '', gone = ''] = NEW.concat(LOOSE);
    box.drive.put(mended, 'other');
    box.drive.put(still, 'other');
    box.drive.files.delete(gone);
    // One is missing, and one is left.
    await interruptAfter(box, ALL.length - 2);
    expect(box.of('CopiesLost').flatMap(({ files }) => files.map(({ to }) => to))).toContain(mended);
    box.restart();
    box.drive.put(mended, `content of ${mended}`);
    // The copy that was lost is in no manifest and no longer in the catalogue: only the facts tell of it.
    expect(await resultOf(box.work())).toEqual({
      ...CLEAN,
      ok: false,
      altered: [still],
      missing: [gone],
    });
    expect(box.reads).toEqual(expect.arrayContaining([mended, still]));
    expect(box.of('VerificationFinished')).toMatchObject([{ files: ALL.length, altered: 1, missing: 1 }]);
  });

  it('with a backup in between reads also what that one wrote', async () => {
    for (let files = 1; files < ALL.length; files += 1) {
      const box = await filled();
      await interruptAfter(box, files);
      const before = new Set(box.reads.slice(0, files));
      await box.seal();
      await box.backup('Photos/4/h.jpg', 'Other/SD/z.txt');
      box.restart();
      const total = ALL.length + 2;
      expect(await resultOf(box.work())).toMatchObject({ ok: true, altered: [], missing: [] });
      for (const path of box.reads) before.add(path);
      expect(before.size).toBe(total);
    }
  });

  it('whose place a newer manifest took reads that manifest’s files again rather than leave one out', async () => {
    const box = await filled();
    await interruptAfter(box, 1);
    const [place = ''] = box.reads;
    // Another tool lists the file anew: the manifest that was reached no longer yields it.
    box.catalogue.rows = box.catalogue.rows.filter((row) => row.to !== place);
    const others = NEW.filter((path) => path !== place);
    box.place(place);
    await box.seal();
    box.restart();
    expect(await resultOf(box.work())).toMatchObject({ ok: true });
    expect(box.reads).toEqual(expect.arrayContaining([...OLD, ...others]));
  });

  it('begins anew when it is not to go on', async () => {
    const box = await filled();
    await interruptAfter(box, 5);
    box.restart();
    box.book.apply({ fact: { type: 'VerificationStarted', driveId: box.drive.drive.id }, seq: 1, at: '' });
    const { result, progress } = await follow(box.work());
    expect(result).toEqual(CLEAN);
    expect(progress[0]).toMatchObject({ filesDone: 0, continued: null });
    expect([...box.reads].sort()).toEqual([...ALL].sort());
  });

  it('left by whoever listened records how far it came', async () => {
    const box = await filled();
    const clock = new VirtualClock();
    box.drive.onRead = () => clock.stall(300);
    let messages = 0;
    for await (const _ of box.work({ ...AT_ONCE, clock })) {
      messages += 1;
      if (messages === 4) break;
    }
    expect(box.of('VerificationProgressed')).toMatchObject([{ files: 3 }]);
    expect(box.of('VerificationFinished')).toEqual([]);
  });

  it('by a cut of the power loses half a minute', async () => {
    const box = await filled();
    const clock = new VirtualClock();
    box.drive.onRead = () => clock.stall(15_000);
    await resultOf(box.work({ ...AT_ONCE, clock }));
    expect(box.of('VerificationProgressed').map(({ files }) => files)).toEqual([1, 3, 5, 7, 9, 11]);
  });

  it('because the drive was pulled has no missing files, and goes on as well', async () => {
    const box = await filled();
    box.drive.unreadable.set(OLD[0] ?? '', 'drive-lost');
    await expect(resultOf(box.work())).rejects.toMatchObject({ exitCode: 74, code: 'drive-lost' });
    expect(box.of('CopiesLost')).toEqual([]);
    box.drive.unreadable.clear();
    box.restart();
    const { result, progress } = await follow(box.work());
    expect(result).toEqual(CLEAN);
    expect(progress[0]?.filesDone).toBeGreaterThan(0);
  });
});
