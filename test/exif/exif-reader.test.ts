import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createExifReader, type ExifReaderOptions } from '../../adapters/exif/exif-reader.ts';
import { openNodeWorker } from '../../adapters/node/worker.ts';
import type { MediaFile, MetadataReader } from '../../services/media-ports.ts';
import { type BuiltWorker, buildExifWorker } from './build-worker.ts';

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
  const made = createExifReader({
    open: openNodeWorker,
    workerPath: worker.workerPath,
    timeoutMs: 20_000,
    ...options,
  });
  readers.push(made);
  const captures = (paths: readonly string[]) => made.captures(paths.map(fileAt));
  return { captures, stop: made.stop, capture: async (path: string) => (await captures([path]))[0] ?? null };
}

const fileAt = (path: string): MediaFile => ({ path, name: 'IMG_1.JPG' });

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

/** What a child sends of one file, as JavaScript; `model` is an expression. */
const tags = (model: string): string => `[null, null, null, null, ${model}, null, null, null]`;
const E775 = { model: 'E775' };
const ANSWER = `process.send({id: m.id, at: m.at, raws: [${tags("'E775'")}]});`;

describe('the child', () => {
  it('is started once for many files, and asked one file after the other', async () => {
    const { workerPath, log } = await script(`await null; note('answer'); ${ANSWER}`);
    const subject = reader({ workerPath });
    const captures = await Promise.all(['/a.jpg', '/b.NEF', '/c'].map((path) => subject.capture(path)));
    expect(captures).toEqual(Array(3).fill(E775));
    expect((await log()).slice(1)).toEqual(['/a.jpg', 'answer', '/b.NEF', 'answer', '/c', 'answer']);
  });

  it('is not started for no file', async () => {
    const { workerPath, log } = await script(ANSWER);
    expect(await reader({ workerPath }).captures([])).toEqual([]);
    expect(await log()).toEqual([]);
  });

  it('that never answers is killed, and the next file gets a new one', async () => {
    const { workerPath, log } = await script(`if (m.path === '/hang.jpg') for (;;); ${ANSWER}`);
    const subject = reader({ workerPath, timeoutMs: 1000 });
    expect(await subject.capture('/hang.jpg')).toBeNull();
    expect(await subject.capture('/fine.jpg')).toEqual(E775);
    const [first, , second] = await log();
    expect(first).not.toBe(second);
    expect(isAlive(first)).toBe(false);
  });

  it('is asked for many files in one question, and answers in their order', async () => {
    const { workerPath, log } = await script(
      `process.send({id: m.id, at: m.at, raws: [m.path === '/03.nef' ? null : ${tags('m.path')}]});`,
    );
    const paths = ['/01.jpg', '/02.jpg', '/03.nef', '/01.jpg', '/05.part'];
    expect(await reader({ workerPath }).captures(paths)).toEqual([
      { model: '/01.jpg' },
      { model: '/02.jpg' },
      null,
      { model: '/01.jpg' },
      { model: '/05.part' },
    ]);
    expect(await log()).toHaveLength(1 + 5);
  });

  it('is asked for more files than one question holds', async () => {
    const { workerPath, log } = await script(ANSWER);
    const paths = Array.from({ length: 600 }, (_, n) => `/${n}.jpg`);
    const captures = await reader({ workerPath }).captures(paths);
    expect(captures.filter((capture) => capture !== null)).toHaveLength(600);
    expect((await log()).slice(1)).toEqual(paths);
  });

  it.each([
    ['hangs', 'for (;;);'],
    ['dies', 'process.abort();'],
    ['sends nonsense', `process.send('?'); await new Promise(() => undefined);`],
  ])('that %s over files in the middle of many costs the answers for these only', async (_what, end) => {
    const { workerPath, log } = await script(`if (m.path.includes('bad')) { ${end} } ${ANSWER}`);
    const paths = ['/1.jpg', '/bad-1.jpg', '/2.jpg', '/bad-2.jpg', '/bad-3.jpg', '/3.jpg', '/bad-4.jpg'];
    const captures = await reader({ workerPath, timeoutMs: 1000 }).captures(paths);
    expect(captures.map((capture) => capture !== null)).toEqual([
      true,
      false,
      true,
      false,
      false,
      true,
      false,
    ]);
    const asked = (await log()).filter((line) => line.startsWith('/'));
    // The first bad one is asked for twice: nobody knows then that it was the one.
    expect(asked).toEqual(paths.flatMap((path) => (path === '/bad-1.jpg' ? [path, path] : [path])));
  });

  it.each([
    ['for each file', 0],
    ['for several at once', 1],
  ])('may answer %s', async (_what, together) => {
    const { workerPath } = await script(
      `globalThis.held ??= []; held.push(${tags('m.path')});
       if (${together} === 0 || m.at === 1 || m.at === 2) {
         process.send({id: m.id, at: m.at + 1 - held.length, raws: held.splice(0)});
       }`,
    );
    expect(await reader({ workerPath }).captures(['/1.jpg', '/2.jpg', '/3.jpg'])).toEqual([
      { model: '/1.jpg' },
      { model: '/2.jpg' },
      { model: '/3.jpg' },
    ]);
  });

  it('that never gets ready is killed', async () => {
    const { workerPath, log } = await script(ANSWER, 'for (;;);');
    expect(await reader({ workerPath, startMs: 500 }).capture('/a.jpg')).toBeNull();
    const [start] = await log();
    if (start !== undefined) await expect.poll(() => isAlive(start)).toBe(false);
  });

  it('that dies costs one answer only', async () => {
    const { workerPath } = await script(`if (m.path === '/die.jpg') process.abort(); ${ANSWER}`);
    const subject = reader({ workerPath });
    expect(await subject.capture('/die.jpg')).toBeNull();
    expect(await subject.capture('/fine.jpg')).toEqual(E775);
  });

  it('that takes too much memory outside of its heap is killed', async () => {
    const { workerPath } = await script(
      `if (m.path === '/big.jpg') { globalThis.kept = []; setInterval(() => kept.push(Buffer.alloc(16 << 20, 1)), 5); } else { ${ANSWER} }`,
    );
    const subject = reader({ workerPath, maxMemoryMb: 64, timeoutMs: 600_000 });
    expect(await subject.capture('/big.jpg')).toBeNull();
    expect(await subject.capture('/fine.jpg')).toEqual(E775);
  });

  it('gets its limit for the heap', async () => {
    const { workerPath } = await script(
      `const v8 = process.execArgv.join(); process.send({id: m.id, at: m.at, raws: [${tags('v8')}]});`,
    );
    expect(await reader({ workerPath, maxMemoryMb: 99 }).capture('/a.jpg')).toEqual({
      model: '--max-old-space-size=99',
    });
  });

  it('does not inherit the environment', async () => {
    const { workerPath } = await script(
      `process.send({id: m.id, at: m.at, raws: [${tags('String(process.env.PATH)')}]});`,
    );
    expect(await reader({ workerPath }).capture('/a.jpg')).toEqual({ model: 'undefined' });
  });

  it.each([
    ['answers to another request', `process.send({id: m.id + 1, at: m.at, raws: [${tags("'x'")}]});`],
    ['answers for another file', `process.send({id: m.id, at: m.at + 1, raws: [${tags("'x'")}]});`],
    ['numbers', `process.send(7); process.send({id: m.id, at: m.at, raws: [7]});`],
    [
      'more answers than there are files',
      `process.send({id: m.id, at: m.at, raws: [${tags("'x'")}, null]});`,
    ],
    [
      'no answers',
      `process.send({id: m.id, at: m.at, raws: []}); process.send({id: m.id, at: m.at, raws: 1});`,
    ],
    ['fewer tags', `process.send({id: m.id, at: m.at, raws: [${tags("'x'")}.slice(1)]});`],
    ['more tags', `process.send({id: m.id, at: m.at, raws: [[...${tags("'x'")}, null]]});`],
    ['tags of another kind', `process.send({id: m.id, at: m.at, raws: [${tags("{ x: 'x' }")}]});`],
    ['tags of great length', `process.send({id: m.id, at: m.at, raws: [${tags("'x'.repeat(257)")}]});`],
    ['nothing useful', `process.send(null); process.send({});`],
  ])('is not believed when it sends %s', async (_what, send) => {
    const { workerPath } = await script(`${send} setTimeout(() => process.exit(), 20);`);
    expect(await reader({ workerPath }).capture('/a.jpg')).toBeNull();
  });

  it('that is missing means nothing is read, for every file', async () => {
    const subject = reader({ workerPath: join(dir, 'none.mjs') });
    expect(await subject.capture('/a.jpg')).toBeNull();
    expect(await subject.capture('/b.jpg')).toBeNull();
  });

  it('gives its memory back when it has nothing to do', async () => {
    const { workerPath, log } = await script(ANSWER);
    const subject = reader({ workerPath, idleMs: 1 });
    await subject.capture('/a.jpg');
    const [first] = await log();
    await expect.poll(() => isAlive(first)).toBe(false);
    expect(await subject.capture('/b.jpg')).toEqual(E775);
  });

  it('is gone after stop, which answers what still waits', async () => {
    const { workerPath, log } = await script('');
    const subject = reader({ workerPath });
    const waiting = [subject.capture('/a.jpg'), subject.capture('/b.jpg')];
    await expect.poll(async () => (await log()).length).toBe(2);
    await subject.stop();
    expect(await Promise.all(waiting)).toEqual([null, null]);
    expect(isAlive((await log())[0])).toBe(false);
    expect(await subject.capture('/c.jpg')).toBeNull();
    expect((await log()).length).toBe(2);
    await subject.stop();
  });

  it('is asked by 256 at once at most', async () => {
    const { workerPath, log } = await script(ANSWER);
    const subject = reader({ workerPath });
    const answers = await Promise.all(Array.from({ length: 300 }, () => subject.capture('/a.jpg')));
    expect(answers.filter((answer) => answer === null)).toHaveLength(300 - 256);
    expect((await log()).length).toBe(1 + 256);
  });
});

function isAlive(start: string | undefined): boolean {
  try {
    return process.kill(Number(start?.split(' ')[1]), 0);
  } catch {
    return false;
  }
}
