import { Buffer } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCardReader } from '../../adapters/fs/card-reader.ts';
import { openDriveStore } from '../../adapters/fs/drive-store.ts';
import { THREAD_ENDED } from '../../adapters/fs/errno.ts';
import { createIo } from '../../adapters/fs/io/lanes.ts';
import { isDriveError } from '../../services/errors.ts';
import { driveReader } from '../../services/verify/drive-reader.ts';
import { Pace } from '../../services/verify/pace.ts';
import { reread } from '../../services/verify/reread.ts';
import { AT_ONCE } from '../../services/verify/run.ts';
import { at, scanAll } from '../contracts/card-reader.contract.ts';
import { hashOf, p, reasonOf } from '../contracts/drive-store.contract.ts';
import { type BuiltIo, buildIoWorker } from './build-io-worker.ts';
import { adoptFolder } from './drives.ts';
import { run, useCleaner } from './folders.ts';

const clean = useCleaner();
const MIB = 1024 * 1024;
let built: BuiltIo;
let folder: string;
beforeAll(async () => {
  built = await buildIoWorker();
});
afterAll(() => built.remove());
beforeEach(async () => {
  folder = await clean.folder();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Stands in for the worker: answers nothing by itself. */
async function script(text: string): Promise<string> {
  const path = join(folder, 'worker.mjs');
  await writeFile(path, `import { parentPort as port } from 'node:worker_threads';\n${text}`);
  return path;
}

const codeOf = (action: Promise<unknown>): Promise<unknown> =>
  action.then(
    (value) => ({ value }),
    (error: { code?: string }) => error.code,
  );

describe('the thread of a lane', () => {
  it('that ends by itself answers every question with an error', async () => {
    const workerPath = await script(`port.on('message', () => process.exit(3));`);
    const lane = createIo({ workerPath }).lane('a');
    const asked = [lane.call('kindOf', '/'), lane.call('kindOf', '/')];
    expect(await Promise.all(asked.map(codeOf))).toEqual([THREAD_ENDED, THREAD_ENDED]);
  });

  it('that throws is one that ended, and another is started for the next question', async () => {
    const workerPath = await script(
      `port.on('message', ({ id, args: [path] }) => {
        if (path === 'throw') throw new Error('thrown');
        port.postMessage({ id, value: path });
      });`,
    );
    const lane = createIo({ workerPath, idleMs: 100 }).lane('a');
    await expect(lane.call('kindOf', 'throw')).rejects.toThrow(/ended: thrown/);
    expect(await lane.call('kindOf', 'fine')).toBe('fine');
  });

  it('that cannot be started is an error', async () => {
    const lane = createIo({ workerPath: join(folder, 'none.mjs') }).lane('a');
    expect(await codeOf(lane.call('kindOf', '/'))).toBe(THREAD_ENDED);
  });

  it('is one for each key: one that hangs stops no other', async () => {
    const workerPath = await script(
      `port.on('message', ({ id, args: [path] }) => {
        if (path === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
        port.postMessage({ id, value: path });
      });`,
    );
    const io = createIo({ workerPath, idleMs: 100 });
    expect(io.lane('a')).toBe(io.lane('a'));
    const ended = codeOf(io.lane('a').call('kindOf', 'hang'));
    expect(await io.lane('b').call('kindOf', 'fine')).toBe('fine');
    void ended;
  });

  it('gives its memory back when it is idle, but not while something is open in it', async () => {
    const workerPath = await script(
      `import { threadId } from 'node:worker_threads';
       port.on('message', ({ id }) => port.postMessage({ id, value: threadId }));`,
    );
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const lane = createIo({ workerPath, idleMs: 1000 }).lane('a');
    const ask = () => lane.call('kindOf', '/');
    const first = await ask();
    vi.advanceTimersByTime(999);
    expect(await ask()).toBe(first);
    vi.advanceTimersByTime(1000);
    const second = await ask();
    expect(second).not.toBe(first);
    const letGo = [lane.keep(), lane.keep()];
    vi.advanceTimersByTime(5000);
    expect(await ask()).toBe(second);
    // One of two, twice.
    letGo[0]?.();
    letGo[0]?.();
    vi.advanceTimersByTime(5000);
    expect(await ask()).toBe(second);
    letGo[1]?.();
    vi.advanceTimersByTime(1000);
    expect(await ask()).not.toBe(second);
    vi.advanceTimersByTime(1000);
  });

  it('does not keep a process alive that has nothing else to do', async () => {
    const program = join(folder, 'program.mjs');
    run(
      join(import.meta.dirname, '../../node_modules/.bin/esbuild'),
      join(import.meta.dirname, '../../adapters/fs/io/lanes.ts'),
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--external:@node-rs/xxhash',
      `--outfile=${join(folder, 'lanes.mjs')}`,
      '--log-level=error',
    );
    run('ln', '-s', join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'));
    await writeFile(
      program,
      `import { createIo } from './lanes.mjs';
       const lane = createIo({ workerPath: ${JSON.stringify(built.workerPath)}, idleMs: 600_000 }).lane('a');
       lane.keep();
       process.stdout.write(String(await lane.call('kindOf', '/') > 0));`,
    );
    const { stdout, status } = spawnSync(process.execPath, [program], { encoding: 'utf8', timeout: 30_000 });
    expect({ stdout, status }).toEqual({ stdout: 'true', status: 0 });
  });

  it('forgets a question that cannot be asked, and goes to rest after it', async () => {
    const workerPath = await script(
      `import { threadId } from 'node:worker_threads';
       port.on('message', ({ id }) => port.postMessage({ id, value: threadId }));`,
    );
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const lane = createIo({ workerPath, idleMs: 1000 }).lane('a');
    const first = await lane.call('kindOf', '/');
    const uncloneable = (() => undefined) as never;
    // As many as may wait at most: each would keep its place for good.
    for (let n = 0; n < 4096; n += 1)
      await expect(lane.call('kindOf', uncloneable)).rejects.toThrow(/could not be cloned/);
    expect(await lane.call('kindOf', '/')).toBe(first);
    await expect(lane.call('kindOf', uncloneable)).rejects.toThrow(/could not be cloned/);
    vi.advanceTimersByTime(1000);
    expect(await lane.call('kindOf', '/')).not.toBe(first);
    vi.advanceTimersByTime(1000);
  });

  it('refuses a flood of questions', async () => {
    const workerPath = await script(`port.on('message', () => undefined);`);
    const lane = createIo({ workerPath }).lane('a');
    for (let n = 0; n < 4096; n += 1) void lane.call('kindOf', '/').catch(() => undefined);
    await expect(lane.call('kindOf', '/')).rejects.toThrow(/wait already/);
  });
});

describe('a thread that dies', () => {
  /** The real worker; told by a file to die at its next question, once. */
  async function mortal() {
    const flag = join(folder, 'die');
    const workerPath = await script(
      `import { existsSync, rmSync } from 'node:fs';
       const flag = ${JSON.stringify(flag)};
       const on = port.on.bind(port);
       port.on = (event, listen) => on(event, (message) => {
         if (!existsSync(flag)) return listen(message);
         rmSync(flag);
         process.exit(1);
       });
       await import(${JSON.stringify(built.workerPath)});`,
    );
    return { io: createIo({ workerPath, idleMs: 100 }), die: () => writeFile(flag, '') };
  }

  it('fails the files on their way to a drive, which is not blamed for it, and nothing hangs', async () => {
    const { io, die } = await mortal();
    const root = join(folder, 'drive');
    const store = await openDriveStore(await adoptFolder(root), { io });
    const file = await store.createIncoming();
    await file.write(Buffer.alloc(MIB));
    const small = [{ bytes: Buffer.from('x'), mtimeMs: 0 }];
    const parts = await store.writeAll(small);
    const calls = [
      () => file.flush(0),
      () => store.writeAll(small),
      () => store.readBack(p('Photos/A')),
      () => store.readBackAll(parts),
      () => store.placeAll([{ file: parts[0]!, to: p('Photos/A') }]),
      () => store.statAll([p('Photos/A')]),
      () => store.settle([p('Photos/A')]),
    ];
    await store.flushAll(parts);
    for (const call of calls) {
      await die();
      const error = await call().catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: THREAD_ENDED });
      expect(isDriveError(error)).toBe(false);
    }
    await die();
    await expect(openDriveStore(await adoptFolder(root), { io })).rejects.toMatchObject({
      code: THREAD_ENDED,
    });
    for (const each of [file, ...parts]) await each.discard();
    expect(await readdir(join(root, '.imagetank/incoming'))).toEqual([]);
  });

  it('does not pass for an open file when it was started anew', async () => {
    const { io, die } = await mortal();
    const root = join(folder, 'drive');
    const store = await openDriveStore(await adoptFolder(root), { io });
    const file = await store.createIncoming();
    await file.write(Buffer.from('first'));
    await die();
    await reasonOf(store.statAll([p('Photos/A')]));
    expect(await codeOf(file.flush(0))).toBe(THREAD_ENDED);
    await file.discard();
    expect(await readdir(join(root, '.imagetank/incoming'))).toEqual([]);
  });

  it('makes no file of a verification altered: its copy keeps what vouches for it', async () => {
    const { io, die } = await mortal();
    const root = join(folder, 'drive');
    const store = await openDriveStore(await adoptFolder(root), { io });
    const path = p('Photos/A');
    await store.writeNew([path], ['a']);
    const stats = await store.stat(path);
    const reader = { ...driveReader(store), stat: async () => stats };
    const hash = { format: 'xxh64', value: hashOf(Buffer.from('a')) } as const;
    const expected = { path, sizeBytes: 1, hash, generation: null };
    expect(await reread(reader, expected, new Pace(AT_ONCE))).toMatchObject({ finding: 'intact' });
    await die();
    expect(await codeOf(reread(reader, expected, new Pace(AT_ONCE)))).toBe(THREAD_ENDED);
  });

  it('is no fault of a card or its files', async () => {
    const { io, die } = await mortal();
    const root = join(folder, 'card');
    await mkdir(root);
    await writeFile(join(root, 'A.JPG'), 'a');
    const reader = createCardReader({ io });
    await reader.readStarts(root, [at('A.JPG')], 10);
    const calls = [
      () => reader.readStarts(root, [at('A.JPG')], 10),
      () => reader.readBack(root, at('A.JPG')),
      () => scanAll(reader, root),
      () => createCardReader({ io }).isPresent(root),
    ];
    for (const call of calls) {
      await die();
      expect(await codeOf(call())).toBe(THREAD_ENDED);
    }
  });
});

it('a sync of the file system that takes long holds up no other call on the drive, and ends at its deadline', async () => {
  const command = join(folder, 'sync');
  run('mkfifo', join(folder, 'never'));
  await writeFile(command, `#!/bin/sh\nexec cat ${join(folder, 'never')}\n`, { mode: 0o755 });
  const drive = await adoptFolder(join(folder, 'drive'));
  const store = await openDriveStore(drive, { io: built.io, sync: { command, deadlineMs: 3000 } });
  const order: string[] = [];
  const sync = reasonOf(store.sync()).then((reason) => order.push(`sync: ${reason}`));
  await store.statAll([p('Photos/A')]).then(() => order.push('stat'));
  await sync;
  expect(order).toEqual(['stat', 'sync: drive-failing']);
});

it('two blocks are on their way to a drive at most: the third write waits for the first', async () => {
  const workerPath = await script(
    `const held = [];
     const values = { kindOf: 0xef53, lookAt: { dev: 0, deviceFolder: null } };
     port.on('message', ({ id, name }) => {
       if (name === 'writePart') return held.push(id);
       if (name === 'statAll') port.postMessage({ id: held.shift() });
       port.postMessage({ id, value: values[name] });
     });`,
  );
  const drive = await adoptFolder(join(folder, 'drive'));
  const store = await openDriveStore(drive, { io: createIo({ workerPath, idleMs: 100 }) });
  const file = await store.createIncoming();
  const block = Buffer.alloc(MIB);
  await file.write(block);
  await file.write(block);
  let done = false;
  const third = file.write(block).then(() => {
    done = true;
  });
  // A question and its answer: time enough for a write that waits for nothing.
  await store.freeBytes();
  expect(done).toBe(false);
  await store.statAll([]);
  await third;
  await file.discard();
});

it('a large file reads back as written, while others are written and read back in the same thread', async () => {
  const store = await openDriveStore(await adoptFolder(join(folder, 'drive')), { io: built.io });
  const contents = [0, 1, 2].map((n) => Buffer.alloc(9 * MIB + n * 1000, `video ${n} `));
  const backs = await Promise.all(
    contents.map(async (content) => {
      const file = await store.createIncoming();
      for (let done = 0; done < content.length; done += MIB)
        await file.write(content.subarray(done, done + MIB));
      await file.flush(0);
      const back = await file.readBack();
      await file.discard();
      return back;
    }),
  );
  expect(backs.map(({ xxh64 }) => xxh64)).toEqual(contents.map(hashOf));
});
