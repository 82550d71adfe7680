/**
 * Disks of emulated machines, served over a unix socket: the fixed newstyle handshake and simple replies of the network
 * block device protocol (NetworkBlockDevice/nbd, doc/proto.md). One request at a time, so that there is one order.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Disk } from './disk.ts';

const INIT_MAGIC = Buffer.from('NBDMAGIC');
const OPTION_MAGIC = Buffer.from('IHAVEOPT');
const OPTION_REPLY_MAGIC = 0x3e889045565a9n;
const REQUEST_MAGIC = 0x25609513;
const REPLY_MAGIC = 0x67446698;

/** Fixed newstyle, and no zeroes after the handshake. */
const HANDSHAKE_FLAGS = 0b11;
/** Flags are there, and the disk has a cache that can be flushed. It cannot trim: a discard must not hide a lost write. */
const TRANSMISSION_FLAGS = 0b101;

const OPTION = { abort: 2, info: 6, go: 7 } as const;
const REPLY = { ack: 1, info: 3, unsupported: 0x80000001, unknown: 0x80000006 } as const;
const COMMAND = { read: 0, write: 1, disconnect: 2, flush: 3 } as const;
const EINVAL = 22;
const EIO = 5;
const MAX_OPTION_BYTES = 4096;
const MAX_REQUEST_BYTES = 32 << 20;

export class NbdServer {
  readonly #disks: ReadonlyMap<string, Disk>;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** The first thing that went wrong with a disk; a machine only shows an input/output error. */
  #trouble: Error | null = null;

  constructor(disks: ReadonlyMap<string, Disk>) {
    this.#disks = disks;
    this.#server = createServer((socket) => void this.#serve(socket));
  }

  async start(path: string): Promise<void> {
    this.#server.listen(path);
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Throws what a disk threw. */
  assertWell(): void {
    if (this.#trouble !== null) throw this.#trouble;
  }

  async #serve(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
    const stream = new Stream(socket);
    try {
      const disk = await this.#handshake(stream);
      if (disk !== null) await this.#transmit(stream, disk);
    } catch (error) {
      if (!(error instanceof Ended)) this.#trouble ??= error as Error;
    }
    socket.destroy();
  }

  /** Null when the other side only asked. */
  async #handshake(stream: Stream): Promise<Disk | null> {
    stream.write(INIT_MAGIC, OPTION_MAGIC, u16(HANDSHAKE_FLAGS));
    await stream.read(4);
    for (;;) {
      const head = await stream.read(16);
      if (!head.subarray(0, 8).equals(OPTION_MAGIC)) throw new Error('nbd: not an option');
      const option = head.readUInt32BE(8);
      const length = head.readUInt32BE(12);
      if (length > MAX_OPTION_BYTES) throw new Error(`nbd: an option of ${length} bytes`);
      const data = await stream.read(length);
      const answer = (type: number, body = Buffer.alloc(0)): void =>
        stream.write(u64(OPTION_REPLY_MAGIC), u32(option), u32(type), u32(body.length), body);
      if (option === OPTION.abort) {
        answer(REPLY.ack);
        return null;
      }
      if (option !== OPTION.go && option !== OPTION.info) {
        answer(REPLY.unsupported);
        continue;
      }
      const disk = this.#disks.get(data.toString('utf8', 4, 4 + data.readUInt32BE(0)));
      if (disk === undefined) {
        answer(REPLY.unknown);
        continue;
      }
      answer(REPLY.info, Buffer.concat([u16(0), u64(BigInt(disk.sizeBytes)), u16(TRANSMISSION_FLAGS)]));
      answer(REPLY.ack);
      if (option === OPTION.go) return disk;
    }
  }

  async #transmit(stream: Stream, disk: Disk): Promise<void> {
    for (;;) {
      const head = await stream.read(28);
      if (head.readUInt32BE(0) !== REQUEST_MAGIC) throw new Error('nbd: not a request');
      const type = head.readUInt16BE(6);
      const offset = Number(head.readBigUInt64BE(16));
      const length = head.readUInt32BE(24);
      if (length > MAX_REQUEST_BYTES) throw new Error(`nbd: a request of ${length} bytes`);
      if (type === COMMAND.disconnect) return;
      const bytes = type === COMMAND.write ? await stream.read(length) : null;
      const { error, answer } = this.#carryOut(disk, type, offset, bytes ?? length);
      stream.write(u32(REPLY_MAGIC), u32(error), head.subarray(8, 16), answer);
    }
  }

  #carryOut(
    disk: Disk,
    type: number,
    offset: number,
    what: Buffer | number,
  ): { error: number; answer: Buffer } {
    const nothing = Buffer.alloc(0);
    const length = typeof what === 'number' ? what : what.length;
    if (offset + length > disk.sizeBytes) return { error: EINVAL, answer: nothing };
    try {
      if (type === COMMAND.read) return { error: 0, answer: disk.read(offset, length) };
      if (type === COMMAND.flush) disk.flush();
      else if (type === COMMAND.write && typeof what !== 'number') disk.write(offset, what);
      else return { error: EINVAL, answer: nothing };
      return { error: 0, answer: nothing };
    } catch (error) {
      this.#trouble ??= error as Error;
      return { error: EIO, answer: nothing };
    }
  }
}

class Ended extends Error {}

/** So many bytes at a time from a socket. */
class Stream {
  readonly #socket: Socket;
  readonly #pieces: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#pieces = socket[Symbol.asyncIterator]();
  }

  async read(length: number): Promise<Buffer> {
    const pieces = [this.#held];
    for (let held = this.#held.length; held < length; ) {
      const { value, done } = await this.#pieces.next().catch(() => ({ value: undefined, done: true }));
      if (done === true || value === undefined) throw new Ended();
      pieces.push(value);
      held += value.length;
    }
    const all = pieces.length === 1 ? this.#held : Buffer.concat(pieces);
    this.#held = all.subarray(length);
    return all.subarray(0, length);
  }

  write(...pieces: readonly Buffer[]): void {
    this.#socket.write(Buffer.concat(pieces));
  }
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
