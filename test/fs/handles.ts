import fs, { readlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { vi } from 'vitest';

const probe = await open('/dev/null');
const prototype = Object.getPrototypeOf(probe) as FileHandle;
await probe.close();

/** Where a handle leads now: the kernel's own word. */
export const pathOf = (handle: FileHandle): string => readlinkSync(`/proc/self/fd/${handle.fd}`);

type Call = 'sync' | 'datasync' | 'read' | 'write' | 'utimes' | 'chmod';

/** Every call of `name` on any open file goes through `instead`, until `vi.restoreAllMocks()`. */
export function interpose(
  name: Call,
  instead: (
    handle: FileHandle,
    original: (...args: unknown[]) => Promise<unknown>,
    args: unknown[],
  ) => unknown,
): void {
  const original = prototype[name] as (...args: unknown[]) => Promise<unknown>;
  vi.spyOn(prototype, name as 'sync').mockImplementation(async function (
    this: FileHandle,
    ...args: unknown[]
  ) {
    return instead(this, (...own) => original.apply(this, own), args) as never;
  } as never);
}

type SyncCall =
  | 'fsyncSync'
  | 'fdatasyncSync'
  | 'readSync'
  | 'writeSync'
  | 'futimesSync'
  | 'fchmodSync'
  | 'closeSync'
  | 'openSync'
  | 'linkSync'
  | 'lstatSync'
  | 'renameSync'
  | 'unlinkSync'
  | 'readdirSync'
  | 'statfsSync';

/** Every synchronous call of `name` goes through `instead`, until `vi.restoreAllMocks()`. */
export function interposeSync(
  name: SyncCall,
  instead: (original: (...args: unknown[]) => unknown, args: unknown[]) => unknown,
): void {
  const original = fs[name] as (...args: unknown[]) => unknown;
  vi.spyOn(fs, name as 'fsyncSync').mockImplementation(((...args: unknown[]) =>
    instead((...own) => original(...own), args)) as never);
}

export const pathOfFd = (fd: unknown): string => readlinkSync(`/proc/self/fd/${fd}`);

/** The paths that are synced from now on, in order. */
export function watchSyncs(): string[] {
  const synced: string[] = [];
  for (const name of ['fsyncSync', 'fdatasyncSync'] as const) {
    interposeSync(name, (original, [fd]) => {
      original(fd);
      synced.push(pathOfFd(fd));
    });
  }
  for (const name of ['sync', 'datasync'] as const) {
    interpose(name, async (handle, original) => {
      await original();
      synced.push(pathOf(handle));
    });
  }
  return synced;
}

export const errno = (code: string): Error => Object.assign(new Error(`${code}: injected`), { code });
