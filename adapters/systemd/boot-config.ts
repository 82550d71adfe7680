import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../services/errors.ts';
import { writeWhole } from './install.ts';

/** Raspberry Pi OS since Bookworm, and before. */
const PLACES = ['/boot/firmware/config.txt', '/boot/config.txt'] as const;
const BEGIN = '# imagetank begin: written by `imagetank setup service --board`';
const END = '# imagetank end';
/** The first version that was found; never written twice. */
const BACKUP = '.imagetank-bak';

export interface BootChange {
  readonly path: string;
  readonly change: 'changed' | 'unchanged';
  readonly text: string;
}

/** Null when this is no Raspberry Pi. */
export function bootConfigPath(root: string): string | null {
  return PLACES.find((path) => existsSync(join(root, path))) ?? null;
}

/** `config.txt` with our marked block, which is there once and holds these lines. Throws `UserError` 73. */
export function planBootConfig(root: string, lines: string): BootChange {
  const path = bootConfigPath(root);
  if (path === null) {
    const hint = 'leave --board out: LEDs of other machines are set up by their own means';
    throw new UserError('no-boot-config', 73, `no ${PLACES.join(' and no ')}`, hint);
  }
  const before = readFileSync(join(root, path), 'utf8');
  const block = `${BEGIN}\n${lines.trim()}\n${END}\n`;
  const text = replaceBlock(before, block, join(root, path));
  return { path, change: text === before ? 'unchanged' : 'changed', text };
}

/** The file as it was before is kept beside it, the first time. */
export function writeBootConfig(root: string, { path, change, text }: BootChange): void {
  if (change === 'unchanged') return;
  if (!existsSync(join(root, path + BACKUP))) {
    writeWhole(root, path + BACKUP, readFileSync(join(root, path), 'utf8'), 0o644);
  }
  writeWhole(root, path, text, 0o755);
}

function replaceBlock(before: string, block: string, where: string): string {
  const from = before.indexOf(BEGIN);
  if (from === -1) return `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${block}`;
  const to = before.indexOf(END, from);
  if (to === -1) {
    const hint = `add the line "${END}" where the block ends`;
    throw new UserError('torn-block', 73, `the block of imagetank has no end, ${where}`, hint);
  }
  return before.slice(0, from) + block + before.slice(to + END.length).replace(/^\r?\n/, '');
}
