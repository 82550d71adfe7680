import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const SOURCE = fileURLToPath(new URL('../../adapters/systemd/', import.meta.url));

export const MACHINE = {
  node: '/usr/bin/node',
  program: '/opt/imagetank/.build/imagetank.js',
  groups: 'root:x:0:\ngpio:x:997:pi\n',
};

/** An empty machine and a copy of the templates. */
export class Bench {
  readonly dir = mkdtempSync(join(tmpdir(), 'imagetank-systemd-'));
  readonly root = join(this.dir, 'root');
  readonly templates = join(this.dir, 'adapters/systemd');

  constructor() {
    mkdirSync(this.root);
    copyTemplates(this.templates);
  }

  put(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text, { mode });
  }

  get(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  /** Every file and link below the root, sorted. */
  all(): string[] {
    const entries = readdirSync(this.root, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory());
    return files.map((entry) => join(entry.parentPath, entry.name).slice(this.root.length)).toSorted();
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** The helper scripts are stand-ins where they are not what is looked at. */
export function copyTemplates(to: string): void {
  cpSync(SOURCE, to, { recursive: true });
  for (const name of ['imagetank-mount', 'imagetank-lights']) {
    if (!existsSync(join(to, name))) writeFileSync(join(to, name), '#!/bin/sh\nexit 0\n');
  }
}
