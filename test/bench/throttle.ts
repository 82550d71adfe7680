import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deviceNumber } from './machine.ts';
import { undoable } from './undo.ts';

const GROUPS = '/sys/fs/cgroup';

interface Limiter {
  /** Where groups of processes are made. */
  readonly root: string;
  /** The group in which this process is now. */
  readonly home: string;
  readonly file: string;
  readonly rule: (device: string, bytesPerSecond: number) => string;
}

/**
 * From now on this process and all that it starts read the device below `folder` no faster than that; the returned
 * function ends it. What is in the page cache is not read from the device. Null where this kernel has no such limit
 * (cgroup controllers `io` or `blkio`), or this is not root.
 */
export function throttleReads(folder: string, bytesPerSecond: number): (() => void) | null {
  const limiter = limiterOf(readFileSync('/proc/self/cgroup', 'utf8'));
  if (limiter === null) return null;
  const { major, minor } = deviceNumber(folder);
  const group = join(limiter.root, `imagetank-bench-${process.pid}`);
  mkdirSync(group);
  const end = undoable(() => {
    writeFileSync(join(limiter.home, 'cgroup.procs'), String(process.pid));
    rmdirSync(group);
  });
  writeFileSync(join(group, limiter.file), limiter.rule(`${major}:${minor}`, bytesPerSecond));
  writeFileSync(join(group, 'cgroup.procs'), String(process.pid));
  return end;
}

/** cgroups(7): `0::/path` is the group of version 2, `7:blkio:/path` one of version 1. */
function limiterOf(groups: string): Limiter | null {
  const pathOf = (pattern: RegExp) => pattern.exec(groups)?.[1] ?? '/';
  const first = join(GROUPS, 'blkio');
  if (existsSync(join(first, 'blkio.throttle.read_bps_device'))) {
    return {
      root: first,
      home: join(first, pathOf(/^\d+:blkio:(.*)$/m)),
      file: 'blkio.throttle.read_bps_device',
      rule: (device, rate) => `${device} ${rate}`,
    };
  }
  const controllers = join(GROUPS, 'cgroup.controllers');
  if (!existsSync(controllers) || !readFileSync(controllers, 'utf8').split(/\s+/).includes('io')) return null;
  writeFileSync(join(GROUPS, 'cgroup.subtree_control'), '+io');
  return {
    root: GROUPS,
    home: join(GROUPS, pathOf(/^0::(.*)$/m)),
    file: 'io.max',
    rule: (device, rate) => `${device} rbps=${rate}`,
  };
}
