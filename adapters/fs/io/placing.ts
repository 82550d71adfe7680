import { Buffer } from 'node:buffer';
import fs from 'node:fs';
import { dirname } from 'node:path';
import type { FoundFile } from '../../../services/media-ports.ts';
import { errnoOf, isMissing } from '../errno.ts';
import { type ErrorMessage, toMessage } from './messages.ts';
import { type DriveSpec, named, onDrive } from './on-drive.ts';
import { foundFile } from './sighting.ts';
import { incomingPath } from './small-files.ts';

/** File systems without hard links: FAT and exFAT say EPERM, FUSE one of the others. */
export const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

export interface Placed {
  /** Of the first moves, in their order; of all of them where there is no error. */
  readonly ends: readonly ('placed' | 'taken')[];
  /** Some folder was made. */
  readonly made: boolean;
  readonly error: ErrorMessage | null;
}

export interface Placing {
  /** In `incoming/`. */
  readonly name: string;
  /** Where it was placed before; null for what still lies in `incoming/`. */
  readonly from: string | null;
  readonly to: string;
}

/** Moves files to their final names, in missing folders too; stops at the first error. */
export function placeAll(drive: DriveSpec, moves: readonly Placing[]): Placed {
  const ends: ('placed' | 'taken')[] = [];
  let made = false;
  try {
    onDrive(drive, 'placing', (folders) => {
      for (const { name, from, to } of moves) {
        named(drive, to, () => {
          const folder = dirname(to);
          if (folder !== '.') made = folders.make(folder) || made;
          const source = from === null ? incomingPath(name) : Buffer.from(from);
          const isShared = from !== null;
          ends.push(moveWithoutReplacing(folders.at(source), folders.at(Buffer.from(to)), isShared));
        });
      }
    });
    return { ends, made, error: null };
  } catch (error) {
    return { ends, made, error: toMessage(error) };
  }
}

/**
 * Never replaces: `link` fails where a name is taken, `rename` would not. Where there are no links, all who place files
 * on one drive do so in its one thread, and no other call comes between the look and the rename. `isShared`: others may
 * put a file under the old name this very moment, and that stays.
 */
export function moveWithoutReplacing(
  from: string | Buffer,
  to: string | Buffer,
  isShared: boolean,
): 'placed' | 'taken' {
  try {
    fs.linkSync(from, to);
  } catch (error) {
    const code = errnoOf(error) ?? '';
    if (code === 'EEXIST') return 'taken';
    if (!NO_LINKS.includes(code)) throw error;
    if (isSomething(to)) return 'taken';
    fs.renameSync(from, to);
    return 'placed';
  }
  if (!isShared || isOneFile(from, to)) fs.unlinkSync(from);
  return 'placed';
}

function isOneFile(a: string | Buffer, b: string | Buffer): boolean {
  const [one, other] = [a, b].map((path) => fs.lstatSync(path));
  return one?.ino === other?.ino;
}

function isSomething(path: string | Buffer): boolean {
  try {
    fs.lstatSync(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Null where there is no regular file, or a link leads to it. */
export function statAll(drive: DriveSpec, paths: readonly string[]): (FoundFile | null)[] {
  return onDrive(drive, 'looking', (folders) =>
    paths.map((path) => {
      try {
        return foundFile(fs.lstatSync(folders.at(Buffer.from(path)), { bigint: true }));
      } catch (error) {
        if (isMissing(error) || errnoOf(error) === 'ELOOP') return null;
        throw error;
      }
    }),
  );
}
