import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Disk, Overlay } from './disk.ts';
import { NbdServer } from './nbd-server.ts';
import { LoggedDisk, Replayed, WriteLog } from './write-log.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'power-cut-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const SIZE = 3 * 4096;
const image = (name: string, fill = 0): string => {
  const path = join(dir, name);
  writeFileSync(path, Buffer.alloc(SIZE, fill));
  return path;
};

describe('a logged disk', () => {
  it('follows what is written, and the log has it in one order over all disks', () => {
    const log = new WriteLog();
    const [one, other] = ['one', 'other'].map((name) => new LoggedDisk(name, image(name), SIZE, log));
    one?.open();
    other?.open();
    const bytes = Buffer.alloc(512, 1);
    one?.write(512, bytes);
    other?.write(0, Buffer.alloc(512, 2));
    one?.flush();
    bytes.fill(9);
    expect(one?.read(0, 1024)).toEqual(Buffer.concat([Buffer.alloc(512), Buffer.alloc(512, 1)]));
    expect(log.of('one')).toEqual([
      { kind: 'write', at: 0, offset: 512, bytes: Buffer.alloc(512, 1) },
      { kind: 'flush', at: 2 },
    ]);
    expect(log.of('other').map(({ at }) => at)).toEqual([1]);
    expect(log.of('none')).toEqual([]);
    expect(log.position).toBe(3);
    one?.close();
    other?.close();
  });
});

describe('a replayed disk', () => {
  const entries = [1, 2, 3].map((value, at) => ({
    ...{ kind: 'write' as const, at, offset: at * 512, bytes: Buffer.alloc(512, value) },
  }));
  const shown = (disk: Replayed) => [0, 512, 1024].map((offset) => disk.read(offset, 512)[0]);

  it('shows what was flushed and what else survived, and takes that back', () => {
    const disk = new Replayed(image('a'), entries);
    disk.open();
    disk.show(1, [
      { offset: 1024, bytes: Buffer.alloc(512, 3) },
      { offset: 1024, bytes: Buffer.alloc(512, 4) },
    ]);
    expect(shown(disk)).toEqual([1, 0, 4]);
    disk.show(2, []);
    expect(shown(disk)).toEqual([1, 2, 0]);
    expect(() => disk.show(1, [])).toThrow('forward only');
    disk.close();
  });
});

describe('an overlay', () => {
  it('holds what was written to it, across the borders of its blocks, until it forgets', () => {
    const file = image('b', 7);
    const below = new Replayed(file, []);
    below.open();
    const overlay = new Overlay(below, SIZE);
    overlay.write(4096 - 512, Buffer.alloc(1024, 1));
    expect([...new Set(overlay.read(0, 4096 - 512))]).toEqual([7]);
    expect([...new Set(overlay.read(4096 - 512, 1024))]).toEqual([1]);
    expect([...new Set(overlay.read(4096 + 512, 2048))]).toEqual([7]);
    overlay.forget();
    expect([...new Set(overlay.read(0, SIZE))]).toEqual([7]);
    expect([...new Set(readFileSync(file))]).toEqual([7]);
    below.close();
  });

  it('is zero behind the end of what it shows', () => {
    const below = new Replayed(image('c', 7), []);
    below.open();
    expect(new Overlay(below, 2 * SIZE).read(SIZE - 1, 2)).toEqual(Buffer.from([7, 0]));
    below.close();
  });
});

/** A client, as small as QEMU's part of the protocol. */
class Client {
  readonly #socket: Socket;
  readonly #pieces: AsyncIterator<Buffer>;
  #held = Buffer.alloc(0);

  constructor(path: string) {
    this.#socket = connect(path);
    this.#pieces = this.#socket[Symbol.asyncIterator]();
  }

  async read(length: number): Promise<Buffer> {
    while (this.#held.length < length) {
      const { value, done } = await this.#pieces.next();
      if (done === true) throw new Error('closed');
      this.#held = Buffer.concat([this.#held, value]);
    }
    const bytes = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return bytes;
  }

  send(...parts: readonly (Buffer | readonly [bytes: 2 | 4 | 8, value: number])[]): void {
    for (const part of parts) {
      if (Buffer.isBuffer(part)) {
        this.#socket.write(part);
        continue;
      }
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64BE(BigInt(part[1]));
      this.#socket.write(bytes.subarray(8 - part[0]));
    }
  }

  /** Gives the type of each reply until the last. */
  async ask(option: number, name: string): Promise<{ type: number; body: Buffer }[]> {
    const about = Buffer.from(name);
    this.send(
      Buffer.from('IHAVEOPT'),
      [4, option],
      [4, 4 + about.length + 2],
      [4, about.length],
      about,
      [2, 0],
    );
    const replies: { type: number; body: Buffer }[] = [];
    for (;;) {
      const head = await this.read(20);
      const type = head.readUInt32BE(12);
      replies.push({ type, body: await this.read(head.readUInt32BE(16)) });
      if (type !== 3) return replies;
    }
  }

  async request(
    type: number,
    offset: number,
    what: Buffer | number = 0,
  ): Promise<{ error: number; data: Buffer }> {
    const length = Buffer.isBuffer(what) ? what.length : what;
    this.send([4, 0x25609513], [2, 0], [2, type], [8, 77], [8, offset], [4, length]);
    if (Buffer.isBuffer(what)) this.send(what);
    const head = await this.read(16);
    expect(head.readUInt32BE(0)).toBe(0x67446698);
    expect(head.readBigUInt64BE(8)).toBe(77n);
    const error = head.readUInt32BE(4);
    return { error, data: await this.read(type === 0 && error === 0 ? length : 0) };
  }

  end(): void {
    this.#socket.destroy();
  }
}

const [READ, WRITE, FLUSH, TRIM] = [0, 1, 3, 4];
const [GO, STRUCTURED] = [7, 8];

describe('the server', () => {
  const served = async (disk: Disk, work: (client: Client, server: NbdServer) => Promise<void>) => {
    const server = new NbdServer(new Map([['disk', disk]]));
    const path = join(dir, 's');
    await server.start(path);
    const client = new Client(path);
    try {
      expect((await client.read(18)).toString('latin1', 0, 16)).toBe('NBDMAGICIHAVEOPT');
      client.send([4, 3]);
      await work(client, server);
    } finally {
      client.end();
      await server.stop();
    }
  };

  const logged = () => {
    const log = new WriteLog();
    const disk = new LoggedDisk('disk', image('d'), SIZE, log);
    disk.open();
    return { log, disk };
  };

  it('tells the size and that there is a cache to flush, and nothing of trimming', async () => {
    const { disk } = logged();
    await served(disk, async (client) => {
      const [info, ack] = await client.ask(GO, 'disk');
      expect(info?.body.readBigUInt64BE(2)).toBe(BigInt(SIZE));
      expect(info?.body.readUInt16BE(10)).toBe(0b101);
      expect(ack?.type).toBe(1);
    });
    disk.close();
  });

  it('knows its disks only, and says no to what it cannot do', async () => {
    const { disk } = logged();
    await served(disk, async (client) => {
      expect((await client.ask(GO, 'other')).at(-1)?.type).toBe(0x80000006);
      expect((await client.ask(STRUCTURED, '')).at(-1)?.type).toBe(0x80000001);
      expect((await client.ask(GO, 'disk')).at(-1)?.type).toBe(1);
    });
    disk.close();
  });

  it('reads, writes and flushes, in the order in which it is asked', async () => {
    const { disk, log } = logged();
    await served(disk, async (client) => {
      await client.ask(GO, 'disk');
      expect(await client.request(WRITE, 512, Buffer.alloc(512, 5))).toMatchObject({ error: 0 });
      expect((await client.request(READ, 0, 1024)).data[600]).toBe(5);
      expect(await client.request(FLUSH, 0)).toMatchObject({ error: 0 });
    });
    expect(log.of('disk').map(({ kind }) => kind)).toEqual(['write', 'flush']);
    disk.close();
  });

  it('refuses what lies behind the end, and commands it did not offer', async () => {
    const { disk, log } = logged();
    await served(disk, async (client) => {
      await client.ask(GO, 'disk');
      expect((await client.request(READ, SIZE - 512, 1024)).error).toBe(22);
      expect((await client.request(WRITE, SIZE, Buffer.alloc(512))).error).toBe(22);
      expect((await client.request(TRIM, 0, 512)).error).toBe(22);
    });
    expect(log.of('disk')).toEqual([]);
    disk.close();
  });

  it('gives an input/output error where a disk fails, and tells the cause', async () => {
    const broken: Disk = {
      sizeBytes: SIZE,
      read: () => {
        throw new Error('the image is gone');
      },
      write: () => undefined,
      flush: () => undefined,
    };
    await served(broken, async (client, server) => {
      await client.ask(GO, 'disk');
      server.assertWell();
      expect((await client.request(READ, 0, 512)).error).toBe(5);
      expect(() => server.assertWell()).toThrow('the image is gone');
    });
  });
});
