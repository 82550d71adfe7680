/** The files of the service as this program writes them for the machine it runs on. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Machine, renderFiles, type SystemFile } from '../adapters/systemd/files.ts';

/** Beside the built program and beside its source alike. */
export const TEMPLATES = fileURLToPath(new URL('../adapters/systemd/', import.meta.url));
const PROGRAM = fileURLToPath(new URL('../.build/imagetank.js', import.meta.url));

export interface Wanted {
  /** `/` for this machine. */
  readonly root: string;
  /** As the machine will see them; default: what runs now. */
  readonly node?: string;
  readonly program?: string;
}

export function systemFiles({ root, node, program }: Wanted): readonly SystemFile[] {
  const groups = join(root, 'etc/group');
  const machine: Machine = {
    node: node ?? process.execPath,
    program: program ?? (existsSync(PROGRAM) ? realpathSync(PROGRAM) : PROGRAM),
    groups: existsSync(groups) ? readFileSync(groups, 'utf8') : '',
  };
  return renderFiles(TEMPLATES, machine);
}
