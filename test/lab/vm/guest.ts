import type { Socket } from 'node:net';
import { restAfter } from '../asking.ts';
import type { Edge, Ended } from '../guest/protocol.ts';
import type { Answer } from '../guest/request.ts';
import { type Json, Pending, splitJson } from './json-lines.ts';

export interface GuestLine {
  readonly tag: string;
  readonly line: string;
  readonly atMs: number;
}

export interface Sampled {
  readonly edges: readonly Edge[];
  readonly endMs: number;
}

/** A guess at how much slower than a Pi the emulated processor may be on a busy host: deadlines are for hangs only. */
const PATIENCE_MS = 240_000;
const MAX_LINES = 100_000;

/** What can be done inside the guest, through the agent that runs there. */
export class Guest {
  readonly #socket: Socket;
  readonly #pending = new Pending();
  readonly #hello: Promise<void>;
  #greeted: () => void = () => undefined;
  readonly lines: GuestLine[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#hello = new Promise((resolve) => {
      this.#greeted = resolve;
    });
  }

  listen(): void {
    this.#socket.setEncoding('utf8');
    this.#socket.on('error', () => undefined);
    this.#socket.on(
      'data',
      splitJson((message) => this.#take(message)),
    );
    this.#socket.once('close', () => this.#pending.failAll(new Error('the guest is gone')));
  }

  /** When the agent has started; never in a guest that was restored with its agent running. */
  greeted(): Promise<void> {
    return this.#hello;
  }

  ask(op: string, args: Json = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.#pending.add((error, value) => (error === null ? resolve(value) : reject(error)));
      this.#socket.write(`${JSON.stringify({ ...args, id, op })}\n`);
    });
  }

  /** Runs a program to its end, whatever that is. */
  run(argv: readonly string[], options: { input?: string; timeoutMs?: number } = {}): Promise<Ended> {
    return this.ask('run', { argv, timeoutMs: PATIENCE_MS, ...options }) as Promise<Ended>;
  }

  /** Output of a shell script, without the last line feed. Throws when it does not end with 0. */
  async sh(script: string, timeoutMs = PATIENCE_MS): Promise<string> {
    const ended = await this.run(['/bin/sh', '-c', script], { timeoutMs });
    if (ended.code === 0) return ended.stdout.trimEnd();
    const said = `${ended.stdout}${ended.stderr}`.trim();
    throw new Error(`in the guest: ${script}\nended with ${ended.signal ?? ended.code}: ${said}`);
  }

  /** Asks a script until it ends with 0; its output then. */
  async until(script: string, timeoutMs = PATIENCE_MS): Promise<string> {
    const endMs = performance.now() + timeoutMs;
    for (;;) {
      const askedMs = performance.now();
      try {
        return await this.sh(script, timeoutMs);
      } catch (error) {
        if (performance.now() > endMs) throw error;
      }
      await restAfter(askedMs);
    }
  }

  /** Waits in the guest until a path is there, or gone. */
  async awaitPath(path: string, there = true, timeoutMs = PATIENCE_MS): Promise<void> {
    if ((await this.ask('awaitPath', { path, there, timeoutMs })) === true) return;
    throw new Error(`${path} is ${there ? 'still not there' : 'still there'} after ${timeoutMs} ms`);
  }

  exists(path: string): Promise<boolean> {
    return this.ask('exists', { path }) as Promise<boolean>;
  }

  async read(path: string): Promise<Buffer> {
    return Buffer.from((await this.ask('read', { path })) as string, 'base64');
  }

  async write(path: string, content: string | Buffer, mode = 0o644): Promise<void> {
    await this.ask('write', { path, base64: Buffer.from(content).toString('base64'), mode });
  }

  /** HTTP over a unix socket of the guest. */
  request(socket: string, method: string, path: string, body?: unknown): Promise<Answer> {
    return this.ask('request', { socket, method, path, body }) as Promise<Answer>;
  }

  /** Starts a program whose lines are collected in `lines` under a tag. */
  async launch(tag: string, argv: readonly string[]): Promise<void> {
    await this.ask('start', { tag, argv });
  }

  async signal(tag: string, name: NodeJS.Signals): Promise<void> {
    await this.ask('signal', { tag, name });
  }

  #take(message: Json): void {
    if (message['hello'] !== undefined) this.#greeted();
    else if (typeof message['tag'] === 'string') {
      const line = String(message['line'] ?? `ended with ${message['ended']}`);
      if (this.lines.length < MAX_LINES) {
        this.lines.push({ tag: message['tag'], line, atMs: Number(message['atMs']) });
      }
    } else if (message['error'] !== undefined) {
      this.#pending.settle(message['id'], new Error(String(message['error'])));
    } else this.#pending.settle(message['id'], null, message['ok']);
  }
}
