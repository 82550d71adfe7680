import { access, readdir, readFile, readlink, stat } from 'node:fs/promises';

/** What is read of the kernel's files; null or empty where there is nothing, never an error: devices go at any moment. */
export interface SysFiles {
  /** Without blanks around it; null also when it is empty. */
  text(path: string): Promise<string | null>;
  names(folder: string): Promise<readonly string[]>;
  /** What a link points to, as written. */
  link(path: string): Promise<string | null>;
  inode(path: string): Promise<number | null>;
  exists(path: string): Promise<boolean>;
}

const nothing = () => null;

/** The files of this machine, or of a tree that looks like one. */
export function sysFiles(root = ''): SysFiles {
  return {
    text: (path) => readFile(root + path, 'utf8').then((text) => text.trim() || null, nothing),
    names: (folder) => readdir(root + folder).catch(() => []),
    link: (path) => readlink(root + path).catch(nothing),
    inode: (path) => stat(root + path).then((found) => found.ino, nothing),
    exists: (path) =>
      access(root + path).then(
        () => true,
        () => false,
      ),
  };
}
