import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Files of some megabytes come through as base64. */
const MAX_LINE_CHARS = 64 << 20;
const RETRY_MS = 20;

export type Json = Readonly<Record<string, unknown>>;

/** Cuts a stream of text into lines and hands on those that are JSON objects; anything else is noise of the line. */
export function splitJson(onObject: (object: Json) => void): (piece: string) => void {
  let rest: string[] = [];
  let length = 0;
  return (piece) => {
    const lines = piece.split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) {
      rest.push(line);
      const object = parse(rest.join(''));
      rest = [];
      length = 0;
      if (object !== null) onObject(object);
    }
    length += last.length;
    if (length > MAX_LINE_CHARS) throw new Error(`a line of more than ${MAX_LINE_CHARS} characters`);
    if (last !== '') rest.push(last);
  };
}

function parse(line: string): Json | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Json) : null;
  } catch {
    return null;
  }
}

/** A unix socket that may not be there yet. Gives up when `alive` says that nobody will ever listen. */
export async function connectTo(path: string, alive: () => boolean): Promise<Socket> {
  for (;;) {
    try {
      return await new Promise<Socket>((resolve, reject) => {
        const socket = connect(path);
        socket.once('connect', () => resolve(socket)).once('error', reject);
      });
    } catch (error) {
      if (!alive()) throw error;
      await sleep(RETRY_MS);
    }
  }
}

export type Settle = (error: Error | null, value?: unknown) => void;

/** Requests that wait for their answer, by number; all of them fail when the other side is gone. */
export class Pending {
  readonly #waiting = new Map<number, Settle>();
  #last = 0;
  #gone: Error | null = null;

  add(settle: Settle): number {
    this.#last += 1;
    if (this.#gone === null) this.#waiting.set(this.#last, settle);
    else settle(this.#gone);
    return this.#last;
  }

  settle(id: unknown, error: Error | null, value?: unknown): void {
    const settle = this.#waiting.get(Number(id));
    this.#waiting.delete(Number(id));
    settle?.(error, value);
  }

  failAll(error: Error): void {
    this.#gone = error;
    for (const settle of this.#waiting.values()) settle(error);
    this.#waiting.clear();
  }
}
