import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Composition } from '../../bin/composition.ts';
import { PLAIN_VERIFY, type Work } from '../../services/appliance.ts';
import { Library } from '../../services/library/library.ts';
import type { CheckResult, VerifyResult } from '../../services/work-shapes.ts';
import { until } from '../recordings/box.ts';
import { box, freshBoxEachTest } from '../recordings/fresh-box.ts';

freshBoxEachTest();

async function resultOf<Result>(work: Work<Result>): Promise<Result> {
  for await (const message of work) if ('result' in message) return message.result;
  throw new Error('no result');
}

async function backedUp(card: string, drive: string): Promise<Composition> {
  const running = await box.start(drive);
  await running.control.sim.insert(card, null);
  await until(running, 'copying');
  await until(running, 'ready');
  return running;
}

const FILES = { 'IMG_0001.JPG': 5000, 'IMG_0002.JPG': 6000, 'IMG_0004.JPG': 7000 };

/** The only folder of photos on the drive: all test files are of one day. */
function dayFolder(drive: string): string {
  const year = readdirSync(join(drive, 'Photos')).find((name) => /^\d{4}$/.test(name)) ?? '';
  return join(drive, 'Photos', year, readdirSync(join(drive, 'Photos', year))[0] ?? '');
}

/** What `explain` asks. */
function library(): Library {
  if (box.store === null) throw new Error('no journal');
  return new Library(box.store);
}

describe('check', () => {
  const check = (running: Composition, card: string): Promise<CheckResult> =>
    resultOf(running.control.check(card));

  test('safe when every file is on the drive; a gap in the numbers is told', async () => {
    const card = box.card('A', FILES);
    const running = await backedUp(card, box.drive('drive'));
    expect(await check(running, 'A')).toEqual({
      safe: true,
      files: 3,
      verified: 3,
      copies: { asked: 'all', required: 1, lookedAt: 1, onRecord: 0 },
      drives: [{ id: expect.anything(), label: 'drive', state: 'attached', files: 3 }],
      missing: [],
      gaps: [expect.stringContaining('IMG_0003')],
    });
  });

  test('not safe when a file is new on the card, or its copy was altered or deleted', async () => {
    const card = box.card('A', FILES);
    const drive = box.drive('drive');
    const running = await backedUp(card, drive);
    writeFileSync(join(card, 'DCIM/100TEST/IMG_0003.JPG'), 'new');
    appendFileSync(join(dayFolder(drive), 'IMG_0001.JPG'), 'x');
    rmSync(join(dayFolder(drive), 'IMG_0002.JPG'));
    const { safe, verified, missing } = await check(running, card);
    expect({ safe, verified }).toEqual({ safe: false, verified: 1 });
    expect(missing.map(({ path, why }) => `${path} ${why}`).sort()).toEqual([
      'DCIM/100TEST/IMG_0001.JPG altered',
      'DCIM/100TEST/IMG_0002.JPG not-on-drive',
      'DCIM/100TEST/IMG_0003.JPG not-on-drive',
    ]);
  });

  test('what it finds bad has no verified mark any more, is told by explain, and takes green away until it is copied again', async () => {
    const card = box.card('A', FILES);
    const drive = box.drive('drive');
    const running = await backedUp(card, drive);
    const copy = join(dayFolder(drive), 'IMG_0001.JPG');
    const bytes = readFileSync(copy);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    writeFileSync(copy, bytes);
    // A clock that stood still would hide it.
    utimesSync(copy, 1_600_000_000, 1_600_000_000);
    const lifeNow = () => library().explain({ name: 'IMG_0001.JPG' }).lives[0];
    expect(lifeNow()?.verifiedCopies).toBe(1);

    for (let time = 0; time < 2; time += 1) {
      const { safe, missing } = await check(running, 'A');
      expect({ safe, missing }).toMatchObject({ safe: false, missing: [{ why: 'altered' }] });
      expect(lifeNow()).toMatchObject({ verifiedCopies: 0, copies: [] });
      expect(lifeNow()?.chapters.at(-1)).toMatchObject({ what: 'lost', why: 'altered', by: 'check' });
      const { leds, cards } = await running.control.status();
      expect({ green: leds.green, cards }).toMatchObject({ green: 'off', cards: [{ backedUp: false }] });
    }

    await running.control.sim.press();
    await until(running, 'copying');
    await until(running, 'ready');
    expect(running.control.history({ last: 1 })).toMatchObject([
      { copied: 1, duplicates: 2, outcome: 'done' },
    ]);
    expect(readFileSync(copy)).toEqual(bytes);
    expect(await check(running, 'A')).toMatchObject({ safe: true });
  });

  test('a copy that was only touched keeps its mark, and the next backup does not copy it again', async () => {
    const drive = box.drive('drive');
    const running = await backedUp(box.card('A', FILES), drive);
    utimesSync(join(dayFolder(drive), 'IMG_0001.JPG'), 1_600_000_000, 1_600_000_000);
    expect(await check(running, 'A')).toMatchObject({ safe: false, missing: [{ why: 'unverified' }] });
    await running.control.sim.press();
    await until(running, 'copying');
    await until(running, 'ready');
    expect(running.control.history({ last: 1 })).toMatchObject([{ copied: 0, duplicates: 3 }]);
    expect(await check(running, 'A')).toMatchObject({ safe: true });
  });

  test('a folder that is no card is held against the drives as well', async () => {
    const running = await backedUp(box.card('A', FILES), box.drive('drive'));
    expect(await check(running, box.card('B', { 'IMG_0009.JPG': 10 }))).toMatchObject({
      safe: false,
      files: 1,
    });
  });
});

describe('verify', () => {
  const verify = (running: Composition, target: string | null): Promise<VerifyResult> =>
    resultOf(running.control.verify(target));

  test('a drive, a backup, all drives and a plain folder with a history are as recorded', async () => {
    const drive = box.drive('drive');
    const running = await backedUp(box.card('A', FILES), drive);
    const [{ id = '' } = {}] = running.control.history({ last: 1 });
    const good = { ok: true, files: 3, altered: [], missing: [], new: [] };
    for (const target of [null, 'drive', drive, id]) expect(await verify(running, target)).toEqual(good);
    const elsewhere = join(box.root, 'moved');
    renameSync(join(drive, 'Photos'), elsewhere);
    mkdirSync(join(drive, 'Photos'));
    expect(await verify(running, elsewhere)).toMatchObject({ ok: true, files: 3 });
  });

  test('finds what was altered and what is missing, and green goes out', async () => {
    const drive = box.drive('drive');
    const running = await backedUp(box.card('A', FILES), drive);
    appendFileSync(join(dayFolder(drive), 'IMG_0001.JPG'), 'x');
    rmSync(join(dayFolder(drive), 'IMG_0002.JPG'));
    writeFileSync(join(dayFolder(drive), 'extra.jpg'), 'x');
    const found = await verify(running, null);
    expect(found).toMatchObject({ ok: false, files: 3 });
    expect([found.altered.length, found.missing.length, found.new.length]).toEqual([1, 1, 1]);
    await until(running, 'attention');
    expect((await running.control.status()).cards[0]?.backedUp).toBe(false);
  });

  test('says of a backup the same the second time, when what it found has lost its mark', async () => {
    const drive = box.drive('drive');
    const running = await backedUp(box.card('A', FILES), drive);
    const [{ id = '' } = {}] = running.control.history({ last: 1 });
    rmSync(join(dayFolder(drive), 'IMG_0002.JPG'));
    const first = await verify(running, id);
    expect(first).toMatchObject({ ok: false, files: 3, missing: [expect.stringContaining('IMG_0002')] });
    expect(await verify(running, id)).toEqual(first);
  });

  test('names what was renamed; the next backup copies it again to where it was, and leaves the other', async () => {
    const drive = box.drive('drive');
    const running = await backedUp(box.card('A', FILES), drive);
    const [from, to] = [join(dayFolder(drive), 'IMG_0001.JPG'), join(dayFolder(drive), 'best.jpg')];
    renameSync(from, to);
    const below = (path: string) => path.slice(drive.length + 1);
    expect(await verify(running, null)).toEqual({
      ok: false,
      files: 3,
      altered: [],
      missing: [below(from)],
      new: [below(to)],
      renamed: [{ from: below(from), to: below(to) }],
    });
    await until(running, 'attention');
    await running.control.backup({ card: 'A', to: null, fit: false, wait: false });
    await until(running, 'ready');
    expect(running.control.history({ last: 1 })).toMatchObject([{ copied: 1, duplicates: 2 }]);
    expect(readFileSync(from).equals(readFileSync(to))).toBe(true);
    expect(await verify(running, null)).toMatchObject({ ok: true, new: [below(to)] });
  });

  test('is shown while it runs; left in the middle of a file it makes room at once for the next', async () => {
    const running = await backedUp(box.card('A', FILES), box.drive('drive'));
    const slowly = { ...PLAIN_VERIFY, rateBytesPerSecond: 1 };
    const first = running.control.verify('drive', slowly)[Symbol.asyncIterator]();
    await first.next();
    const pending = first.next();
    const [shown, ...others] = (await running.control.status()).verifications;
    expect(others).toEqual([]);
    expect(shown).toMatchObject({ target: 'drive', filesDone: 0, filesTotal: 3, bytesTotal: 18_000 });
    await expect(verify(running, 'drive')).rejects.toMatchObject({ code: 'being-verified' });
    const left = first.return?.();
    expect(await verify(running, 'drive')).toMatchObject({ ok: true, files: 3 });
    await left;
    expect(await pending).toMatchObject({ done: true });
    expect((await running.control.status()).verifications).toEqual([]);
  });

  test('an unknown target is 66, and so is every drive when there is none', async () => {
    const running = await box.start(null);
    await expect(verify(running, 'NOPE')).rejects.toMatchObject({ exitCode: 66 });
    await expect(verify(running, null)).rejects.toMatchObject({ exitCode: 66 });
  });
});

describe('the manifest of the drive', () => {
  test('keeps the card’s own name where the drive’s had to differ', async () => {
    const card = box.card('A', FILES);
    const odd = Buffer.concat([
      Buffer.from(join(card, 'DCIM/100TEST/IMG_')),
      Buffer.from([0xff]),
      Buffer.from('.JPG'),
    ]);
    writeFileSync(odd, 'not UTF-8');
    writeFileSync(join(card, 'DCIM/100TEST/new\nline.JPG'), 'newline');
    const drive = box.drive('drive');
    await backedUp(card, drive);
    const names = readdirSync(dayFolder(drive)).sort();
    expect(names).toEqual(['IMG_%FF.JPG', 'IMG_0001.JPG', 'IMG_0002.JPG', 'IMG_0004.JPG', 'new%0Aline.JPG']);
    const manifest = readdirSync(join(drive, 'Photos/ascmhl')).find((name) => name.endsWith('.mhl')) ?? '';
    const text = readFileSync(join(drive, 'Photos/ascmhl', manifest), 'utf8');
    const raw = Buffer.concat([Buffer.from('DCIM/100TEST/IMG_'), Buffer.from([0xff]), Buffer.from('.JPG')]);
    expect(text).toContain(raw.toString('base64'));
    expect(text).toContain(Buffer.from('DCIM/100TEST/new\nline.JPG').toString('base64'));
    expect(text.match(/cardPath/g)).toHaveLength(4);
  });

  test('of another imagetank is learned, re-read and trusted: nothing is copied again', async () => {
    const card = box.card('A', FILES);
    const drive = box.drive('drive');
    await backedUp(card, drive);
    await box.stop();
    box.store?.log.close();
    rmSync(join(box.root, 'state'), { recursive: true });
    const running = await backedUp(card, drive);
    expect(running.control.history({ last: 1 })).toMatchObject([{ copied: 0, duplicates: 3 }]);
  });

  test('that lies is not believed: an altered photo is copied again', async () => {
    const card = box.card('A', FILES);
    const drive = box.drive('drive');
    await backedUp(card, drive);
    await box.stop();
    box.store?.log.close();
    rmSync(join(box.root, 'state'), { recursive: true });
    const path = join(dayFolder(drive), 'IMG_0001.JPG');
    const bytes = readFileSync(path);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const running = await backedUp(card, drive);
    expect(running.control.history({ last: 1 })).toMatchObject([
      { copied: 1, duplicates: 2, outcome: 'done' },
    ]);
    expect(await resultOf(running.control.check('A'))).toMatchObject({ safe: true });
  });
});
