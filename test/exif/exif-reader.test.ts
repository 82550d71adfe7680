import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createExifReader,
  EXIF_EXTENSIONS,
  type ExifReaderOptions,
} from '../../adapters/exif/exif-reader.ts';
import type { MetadataReader } from '../../services/ports.ts';
import { type BuiltWorker, buildExifWorker } from './build-worker.ts';

const CARDS = join(import.meta.dirname, '../cards');
const NIKON = join(CARDS, 'NIKON/DCIM/100ND750');
const SONY = join(CARDS, 'SD32GB-03/DCIM/100MSDCF');
const BROKEN = join(CARDS, 'BROKEN/DCIM/100BROKE');

let worker: BuiltWorker;
let dir: string;
const readers: MetadataReader[] = [];

beforeAll(async () => {
  worker = await buildExifWorker();
});
afterAll(() => worker.remove());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'imagetank-exif-'));
});
afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.stop()));
  await rm(dir, { recursive: true });
});

function reader(options: Partial<ExifReaderOptions> = {}) {
  const made = createExifReader({ workerPath: worker.workerPath, timeoutMs: 20_000, ...options });
  readers.push(made);
  return { ...made, captureTime: async (path: string) => (await made.captureTimes([path]))[0] ?? null };
}

/** A child that does as it is told and notes each of its starts and requests in `log`. */
async function script(
  onMessage: string,
  beforeReady = '',
): Promise<{ workerPath: string; log(): Promise<string[]> }> {
  const workerPath = join(dir, 'worker.mjs');
  const log = join(dir, 'log');
  await writeFile(
    workerPath,
    `import {appendFileSync} from 'node:fs';
    const note = (text) => appendFileSync(${JSON.stringify(log)}, text + '\\n');
    note('start ' + process.pid);
    ${beforeReady}
    process.on('disconnect', () => process.exit());
    process.on('message', async ({ id, paths }) => {
      for (const [at, path] of paths.entries()) {
        const m = { id, at, path };
        note(path);
        ${onMessage}
      }
    });
    process.send('ready');`,
  );
  return {
    workerPath,
    log: async () => (await readFile(log, 'utf8').catch(() => '')).split('\n').filter(Boolean),
  };
}

const ANSWER = `process.send({id: m.id, at: m.at, raws: ['2010:03:01 21:51:01']});`;

describe('real files', () => {
  it.each([
    [join(NIKON, 'DSC_0009.JPG'), '2004-06-29'],
    [join(NIKON, 'DSC_0011.NEF'), '2010-03-01'],
    [join(NIKON, 'DSC_0012.NEF'), '2010-03-01'],
    [join(SONY, 'DSC00007.JPG'), '2003-07-07'],
    [join(SONY, 'DSC00008.JPG'), '2002-12-14'],
    [join(SONY, 'DSC00009.JPG'), '2000-08-01'],
    [join(SONY, 'DSC00010.JPG'), '2002-01-20'],
  ])('%s was taken on %s', async (path, day) => {
    expect(await reader().captureTime(path)).toEqual({ day });
  });

  it('of a camera that wrote zeros have no day', async () => {
    expect(await reader().captureTime(join(NIKON, 'DSC_0010.JPG'))).toBeNull();
  });

  it('are read on their way too, when they have no name of their own', async () => {
    await copyFile(join(NIKON, 'DSC_0009.JPG'), join(dir, 'f00.part'));
    await writeFile(join(dir, 'f01.part'), 'a text');
    expect(await reader().captureTime(join(dir, 'f00.part'))).toEqual({ day: '2004-06-29' });
    expect(await reader().captureTime(join(dir, 'f01.part'))).toBeNull();
  });

  it.each([
    ['within what is read at first', 8],
    ['behind that', 100_000],
  ])('of the kinds made of TIFF have their day %s', async (_what, at) => {
    await writeFile(join(dir, 'late.tif'), tiffWithDay('2011:12:13 14:15:16', at));
    expect(await reader().captureTime(join(dir, 'late.tif'))).toEqual({ day: '2011-12-13' });
  });

  it('that do not exist, or are empty, have no day', async () => {
    await writeFile(join(dir, 'empty.jpg'), '');
    expect(await reader().captureTime(join(dir, 'none.jpg'))).toBeNull();
    expect(await reader().captureTime(join(dir, 'empty.jpg'))).toBeNull();
  });

  it('that are broken neither end nor stop the reader', async () => {
    const subject = reader();
    const names = await readdir(BROKEN);
    expect(names.length).toBeGreaterThan(8);
    for (const name of names) {
      const path = join(dir, `${name}.jpg`);
      await copyFile(join(BROKEN, name), path);
      const time = await subject.captureTime(path);
      expect(time === null || /^\d{4}-\d{2}-\d{2}$/.test(time.day)).toBe(true);
    }
    expect(await subject.captureTime(join(NIKON, 'DSC_0009.JPG'))).toEqual({ day: '2004-06-29' });
  });
});

describe('the child', () => {
  it('is started once for many files, and asked one file after the other', async () => {
    const { workerPath, log } = await script(`await null; note('answer'); ${ANSWER}`);
    const subject = reader({ workerPath });
    const days = await Promise.all(['/a.jpg', '/b.NEF', '/c.tiff'].map((path) => subject.captureTime(path)));
    expect(days).toEqual(Array(3).fill({ day: '2010-03-01' }));
    expect((await log()).slice(1)).toEqual(['/a.jpg', 'answer', '/b.NEF', 'answer', '/c.tiff', 'answer']);
  });

  it('is not started for files that hold no EXIF', async () => {
    const { workerPath, log } = await script(ANSWER);
    const subject = reader({ workerPath });
    for (const path of ['/a.mov', '/a.cr3', '/a', '/jpg', '/.jpg/a.txt', '/a.jpg.xmp']) {
      expect(await subject.captureTime(path)).toBeNull();
    }
    expect(await log()).toEqual([]);
  });

  it.each(EXIF_EXTENSIONS)('is asked for .%s in any case', async (extension) => {
    const { workerPath, log } = await script(ANSWER);
    expect(await reader({ workerPath }).captureTime(`/x.${extension.toUpperCase()}`)).not.toBeNull();
    expect((await log()).length).toBe(2);
  });

  it('that never answers is killed, and the next file gets a new one', async () => {
    const { workerPath, log } = await script(`if (m.path === '/hang.jpg') for (;;); ${ANSWER}`);
    const subject = reader({ workerPath, timeoutMs: 1000 });
    expect(await subject.captureTime('/hang.jpg')).toBeNull();
    expect(await subject.captureTime('/fine.jpg')).toEqual({ day: '2010-03-01' });
    const [first, , second] = await log();
    expect(first).not.toBe(second);
    expect(isAlive(first)).toBe(false);
  });

  it('is asked for many files in one question, those without EXIF left out, and answers in their order', async () => {
    const { workerPath, log } = await script(
      `process.send({id: m.id, at: m.at, raws: ['20' + m.path.slice(1, 3) + ':03:01']});`,
    );
    const paths = ['/01.jpg', '/02.mov', '/03.nef', '/01.jpg', '/05.part'];
    expect(await reader({ workerPath }).captureTimes(paths)).toEqual([
      { day: '2001-03-01' },
      null,
      { day: '2003-03-01' },
      { day: '2001-03-01' },
      { day: '2005-03-01' },
    ]);
    expect(await log()).toHaveLength(1 + 4);
  });

  it('is asked for more files than one question holds', async () => {
    const { workerPath, log } = await script(ANSWER);
    const paths = Array.from({ length: 600 }, (_, n) => `/${n}.jpg`);
    const days = await reader({ workerPath }).captureTimes(paths);
    expect(days.filter((day) => day !== null)).toHaveLength(600);
    expect((await log()).slice(1)).toEqual(paths);
  });

  it.each([
    ['hangs', 'for (;;);'],
    ['dies', 'process.abort();'],
    ['sends nonsense', `process.send('?'); await new Promise(() => undefined);`],
  ])('that %s over files in the middle of many costs the answers for these only', async (_what, end) => {
    const { workerPath, log } = await script(`if (m.path.includes('bad')) { ${end} } ${ANSWER}`);
    const paths = ['/1.jpg', '/bad-1.jpg', '/2.jpg', '/bad-2.jpg', '/bad-3.jpg', '/3.jpg', '/bad-4.jpg'];
    const days = await reader({ workerPath, timeoutMs: 1000 }).captureTimes(paths);
    expect(days.map((day) => day !== null)).toEqual([true, false, true, false, false, true, false]);
    const asked = (await log()).filter((line) => line.startsWith('/'));
    // The first bad one is asked for twice: nobody knows then that it was the one.
    expect(asked).toEqual(paths.flatMap((path) => (path === '/bad-1.jpg' ? [path, path] : [path])));
  });

  it.each([
    ['for each file', 0],
    ['for several at once', 1],
  ])('may answer %s', async (_what, together) => {
    const { workerPath } = await script(
      `globalThis.held ??= []; held.push('20' + m.path.slice(1, 3) + ':03:01');
       if (${together} === 0 || m.at === 1 || m.at === 2) {
         process.send({id: m.id, at: m.at + 1 - held.length, raws: held.splice(0)});
       }`,
    );
    expect(await reader({ workerPath }).captureTimes(['/01.jpg', '/02.jpg', '/03.jpg'])).toEqual([
      { day: '2001-03-01' },
      { day: '2002-03-01' },
      { day: '2003-03-01' },
    ]);
  });

  it('that never gets ready is killed', async () => {
    const { workerPath, log } = await script(ANSWER, 'for (;;);');
    expect(await reader({ workerPath, startMs: 500 }).captureTime('/a.jpg')).toBeNull();
    const [start] = await log();
    if (start !== undefined) await expect.poll(() => isAlive(start)).toBe(false);
  });

  it('that dies costs one answer only', async () => {
    const { workerPath } = await script(`if (m.path === '/die.jpg') process.abort(); ${ANSWER}`);
    const subject = reader({ workerPath });
    expect(await subject.captureTime('/die.jpg')).toBeNull();
    expect(await subject.captureTime('/fine.jpg')).toEqual({ day: '2010-03-01' });
  });

  it('that takes too much memory outside of its heap is killed', async () => {
    const { workerPath } = await script(
      `if (m.path === '/big.jpg') { globalThis.kept = []; setInterval(() => kept.push(Buffer.alloc(16 << 20, 1)), 5); } else { ${ANSWER} }`,
    );
    const subject = reader({ workerPath, maxMemoryMb: 64, timeoutMs: 600_000 });
    expect(await subject.captureTime('/big.jpg')).toBeNull();
    expect(await subject.captureTime('/fine.jpg')).toEqual({ day: '2010-03-01' });
  });

  it('gets its limit for the heap', async () => {
    const { workerPath } = await script(
      `const v8 = process.execArgv.join(); process.send({id: m.id, at: m.at, raws: [v8 === '--max-old-space-size=99' ? '2001:01:01' : null]});`,
    );
    expect(await reader({ workerPath, maxMemoryMb: 99 }).captureTime('/a.jpg')).toEqual({
      day: '2001-01-01',
    });
  });

  it('does not inherit the environment', async () => {
    const { workerPath } = await script(
      `process.send({id: m.id, at: m.at, raws: [process.env.PATH === undefined ? '2001:01:01' : null]});`,
    );
    expect(await reader({ workerPath }).captureTime('/a.jpg')).toEqual({ day: '2001-01-01' });
  });

  it.each([
    ['answers to another request', `process.send({id: m.id + 1, at: m.at, raws: ['2001:01:01']});`],
    ['answers for another file', `process.send({id: m.id, at: m.at + 1, raws: ['2001:01:01']});`],
    ['numbers', `process.send(7); process.send({id: m.id, at: m.at, raws: [7]});`],
    ['more answers than there are files', `process.send({id: m.id, at: m.at, raws: ['2001:01:01', null]});`],
    [
      'no answers',
      `process.send({id: m.id, at: m.at, raws: []}); process.send({id: m.id, at: m.at, raws: 1});`,
    ],
    ['nothing useful', `process.send(null); process.send({});`],
  ])('is not believed when it sends %s', async (_what, send) => {
    const { workerPath } = await script(`${send} setTimeout(() => process.exit(), 20);`);
    expect(await reader({ workerPath }).captureTime('/a.jpg')).toBeNull();
  });

  it('that is missing means no day, for every file', async () => {
    const subject = reader({ workerPath: join(dir, 'none.mjs') });
    expect(await subject.captureTime('/a.jpg')).toBeNull();
    expect(await subject.captureTime('/b.jpg')).toBeNull();
  });

  it('gives its memory back when it has nothing to do', async () => {
    const { workerPath, log } = await script(ANSWER);
    const subject = reader({ workerPath, idleMs: 1 });
    await subject.captureTime('/a.jpg');
    const [first] = await log();
    await expect.poll(() => isAlive(first)).toBe(false);
    expect(await subject.captureTime('/b.jpg')).toEqual({ day: '2010-03-01' });
  });

  it('is gone after stop, which answers what still waits', async () => {
    const { workerPath, log } = await script('');
    const subject = reader({ workerPath });
    const waiting = [subject.captureTime('/a.jpg'), subject.captureTime('/b.jpg')];
    await expect.poll(async () => (await log()).length).toBe(2);
    await subject.stop();
    expect(await Promise.all(waiting)).toEqual([null, null]);
    expect(isAlive((await log())[0])).toBe(false);
    expect(await subject.captureTime('/c.jpg')).toBeNull();
    expect((await log()).length).toBe(2);
    await subject.stop();
  });

  it('is asked by 256 at once at most', async () => {
    const { workerPath, log } = await script(ANSWER);
    const subject = reader({ workerPath });
    const answers = await Promise.all(Array.from({ length: 300 }, () => subject.captureTime('/a.jpg')));
    expect(answers.filter((answer) => answer === null)).toHaveLength(300 - 256);
    expect((await log()).length).toBe(1 + 256);
  });
});

/** TIFF 6.0, section 2, with one entry that leads to the Exif IFD (Exif 2.32, 4.6.3) and one for the date in it. */
function tiffWithDay(day: string, at: number): Buffer {
  const tiff = Buffer.alloc(at + 18 + 18 + 20);
  tiff.write('II*\0', 'latin1');
  tiff.writeUInt32LE(at, 4);
  const entry = (where: number, tag: number, type: number, count: number, value: number): void => {
    tiff.writeUInt16LE(1, where);
    tiff.writeUInt16LE(tag, where + 2);
    tiff.writeUInt16LE(type, where + 4);
    tiff.writeUInt32LE(count, where + 6);
    tiff.writeUInt32LE(value, where + 10);
  };
  entry(at, 0x8769, 4, 1, at + 18);
  entry(at + 18, 0x9003, 2, 20, at + 36);
  tiff.write(`${day}\0`, at + 36, 'latin1');
  return tiff;
}

function isAlive(start: string | undefined): boolean {
  try {
    return process.kill(Number(start?.split(' ')[1]), 0);
  } catch {
    return false;
  }
}
