import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Json, Pending, splitJson } from './json-lines.ts';

/** Of events that are kept: a wait only ever asks for recent ones. */
const MAX_EVENTS = 1_000;
const POLL_MS = 10;
const EVENT_TIMEOUT_MS = 20_000;

/** QEMU's machine protocol (qemu.org, QMP reference manual): commands with an answer each, and events. */
export class Qmp {
  readonly #socket: Socket;
  readonly #pending = new Pending();
  readonly #events: Json[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  async start(): Promise<void> {
    this.#socket.setEncoding('utf8');
    this.#socket.on('error', () => undefined);
    this.#socket.on(
      'data',
      splitJson((message) => this.#take(message)),
    );
    this.#socket.once('close', () => this.#pending.failAll(new Error('QEMU is gone')));
    await this.run('qmp_capabilities');
  }

  /** Throws with QEMU's own words when it refuses. */
  run(command: string, args: Json = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.#pending.add((error, value) =>
        error === null ? resolve(value) : reject(new Error(`${command}: ${error.message}`)),
      );
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    });
  }

  /** Runs a command and waits for the event that tells that it was carried out. */
  async #runUntil(command: string, args: Json, happened: (event: Json) => boolean): Promise<void> {
    const before = this.#events.length;
    await this.run(command, args);
    for (let waitedMs = 0; !this.#events.slice(before).some(happened); waitedMs += POLL_MS) {
      if (waitedMs > EVENT_TIMEOUT_MS) throw new Error(`${command}: QEMU did not say that it was done`);
      await sleep(POLL_MS);
    }
  }

  /** Pulls a device out, and returns when it is gone. */
  async remove(id: string): Promise<void> {
    await this.#runUntil('device_del', { id }, ({ event, data }) => {
      const { device } = (data ?? {}) as { device?: string };
      return event === 'DEVICE_DELETED' && device === id;
    });
  }

  /** Takes a medium away; requests that were on their way to it are let finish. */
  async removeNode(node: string): Promise<void> {
    for (let waitedMs = 0; ; waitedMs += POLL_MS) {
      try {
        await this.run('blockdev-del', { 'node-name': node });
        return;
      } catch (error) {
        if (waitedMs > EVENT_TIMEOUT_MS) throw error;
      }
      await sleep(POLL_MS);
    }
  }

  /** Why the machine ended: `guest-shutdown`, `guest-reset`, …; null when QEMU never said. */
  get shutdownReason(): string | null {
    const event = this.#events.findLast((own) => own['event'] === 'SHUTDOWN');
    return (event?.['data'] as { reason?: string } | undefined)?.reason ?? null;
  }

  #take(message: Json): void {
    if (typeof message['event'] === 'string') {
      if (this.#events.length < MAX_EVENTS) this.#events.push(message);
    } else if (message['error'] !== undefined) {
      const { desc } = message['error'] as { desc?: string };
      this.#pending.settle(message['id'], new Error(desc ?? 'refused'));
    } else if (message['id'] !== undefined) {
      this.#pending.settle(message['id'], null, message['return']);
    }
  }
}
