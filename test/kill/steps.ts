import { promises } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import type { DriveStore, EventLog, IncomingFile, Store } from '../../services/ports.ts';

/** Steps of a drive that a power cut may come before or after. */
const DRIVE_STEPS = [
  'clearIncoming',
  'createIncoming',
  'settle',
  'writeNew',
  'replaceOwn',
  'appendOwn',
  'sync',
] as const;
const FILE_STEPS = ['write', 'flush', 'readBack', 'place', 'discard'] as const;
const NAME_CALLS = ['mkdir', 'link', 'unlink', 'rename'] as const;

type AsyncCall = (this: unknown, ...args: unknown[]) => Promise<unknown>;

/**
 * Names each moment of a run, `after journal CardAttached #1`, and ends the process at one of them as `kill -9` does:
 * nothing is closed, flushed or told.
 */
export class Steps {
  readonly seen: string[] = [];
  readonly #killAt: string | null;
  readonly #counts = new Map<string, number>();

  constructor(killAt: string | null) {
    this.#killAt = killAt;
  }

  reach(moment: string): void {
    const count = (this.#counts.get(moment) ?? 0) + 1;
    this.#counts.set(moment, count);
    const point = `${moment} #${count}`;
    this.seen.push(point);
    if (point === this.#killAt) die();
  }

  async around<T>(name: string, action: () => Promise<T>): Promise<T> {
    this.reach(`before ${name}`);
    const result = await action();
    this.reach(`after ${name}`);
    return result;
  }
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal is on its way: not one more instruction of the daemon may run.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** Each fact is a step of its own, before its commit and after it. `onStored` sees what is durable. */
export function steppedStore(store: Store, steps: Steps, onStored: (type: string) => void): Store {
  const append: EventLog['append'] = async (facts) => {
    const names = facts.map(({ fact }) => fact.type);
    for (const name of names) steps.reach(`before journal ${name}`);
    const records = await store.log.append(facts);
    for (const name of names) onStored(name);
    for (const name of names) steps.reach(`after journal ${name}`);
    return records;
  };
  return { ...store, log: replaced(store.log, { append }) };
}

export function steppedDrive(store: DriveStore, steps: Steps): DriveStore {
  const stepped = around(store, 'drive', DRIVE_STEPS, steps);
  const createIncoming = async (): Promise<IncomingFile> =>
    around(await stepped.createIncoming(), 'file', FILE_STEPS, steps);
  return replaced(stepped, { createIncoming });
}

/**
 * What happens inside those steps: the system calls that make names and bytes on the drive, for the whole process. The
 * first write of a buffer is cut in half.
 */
export async function stepSystemCalls(drive: string, steps: Steps): Promise<void> {
  const calls = promises as unknown as Record<string, AsyncCall>;
  for (const name of NAME_CALLS) {
    patch(calls, name, async (args) => String(args[0]).startsWith(drive), steps);
  }
  syncBuiltinESMExports();
  const handle = await promises.open('/dev/null');
  const methods = Object.getPrototypeOf(handle) as Record<string, AsyncCall>;
  await handle.close();
  const onDrive = async (_: readonly unknown[], self: unknown) =>
    (await readlink(`/proc/self/fd/${(self as { fd: number }).fd}`)).startsWith(drive);
  patch(methods, 'sync', onDrive, steps);
  patch(methods, 'write', onDrive, steps);
  shortenWrites(methods);
}

type Concerns = (args: readonly unknown[], self: unknown) => Promise<boolean>;

function patch(target: Record<string, AsyncCall>, name: string, concerns: Concerns, steps: Steps): void {
  const own = methodOf(target, name);
  target[name] = async function (...args) {
    const call = () => own.apply(this, args);
    return (await concerns(args, this)) ? steps.around(`call ${name}`, call) : call();
  };
}

/** The first write of each buffer is a short one: the moment after it is in mid file, even where one block holds all. */
function shortenWrites(target: Record<string, AsyncCall>): void {
  const own = methodOf(target, 'write');
  target['write'] = function (bytes, offset, length, ...rest) {
    const short = offset === 0 && typeof length === 'number' ? Math.ceil(length / 2) : length;
    return own.call(this, bytes, offset, short, ...rest);
  };
}

function methodOf(target: Record<string, AsyncCall>, name: string): AsyncCall {
  const own = target[name];
  if (own === undefined) throw new Error(`node has no ${name}`);
  return own;
}

function around<T extends object, K extends keyof T & string>(
  target: T,
  role: string,
  names: readonly K[],
  steps: Steps,
): T {
  const changes: Partial<Record<string, AsyncCall>> = {};
  for (const name of names) {
    const own = (target[name] as AsyncCall).bind(target);
    changes[name] = (...args) => steps.around(`${role}.${name}`, () => own(...args));
  }
  return replaced(target, changes as Partial<T>);
}

/** The same object but for some methods; private fields keep working because calls go to the original. */
function replaced<T extends object>(target: T, changes: Partial<T>): T {
  return new Proxy(target, {
    get(_, key) {
      const own: unknown = Reflect.get(key in changes ? changes : target, key);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}
