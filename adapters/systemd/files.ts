import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf, UserError } from '../../services/errors.ts';

/** Root must not run scripts from a folder that somebody else can write: copies lie here. */
export const LIBRARY = '/usr/local/lib/imagetank';
const UNITS = '/etc/systemd/system';

/** Where each file of this folder goes, and whether it is a program. */
const FILES = [
  ['imagetank.service', `${UNITS}/imagetank.service`, 0o644],
  ['imagetank.socket', `${UNITS}/imagetank.socket`, 0o644],
  ['imagetank-mount.socket', `${UNITS}/imagetank-mount.socket`, 0o644],
  ['imagetank-mount@.service', `${UNITS}/imagetank-mount@.service`, 0o644],
  ['imagetank-mount', `${LIBRARY}/imagetank-mount`, 0o755],
  ['imagetank-lights', `${LIBRARY}/imagetank-lights`, 0o755],
  ['imagetank.shutdown', '/usr/lib/systemd/system-shutdown/imagetank', 0o755],
  ['imagetank.sysusers', '/etc/sysusers.d/imagetank.conf', 0o644],
  ['imagetank.tmpfiles', '/etc/tmpfiles.d/imagetank.conf', 0o644],
  ['imagetank.udev', '/etc/udev/rules.d/61-imagetank.rules', 0o644],
  ['imagetank.polkit', '/etc/polkit-1/rules.d/50-imagetank.rules', 0o644],
] as const;

/** Homes of people, which the service sees empty (`ProtectHome=` in systemd.exec(5)). */
const HOMES = /^\/(home|root|run\/user)\//;
/** Anything else would have to be quoted for unit files, where `%`, `$`, `:` and quotes mean something. */
const PLAIN_PATH = /^\/[\w.+@~ /-]+$/;

export interface SystemFile {
  /** Absolute, in the machine that it is for. */
  readonly path: string;
  readonly mode: number;
  readonly text: string;
}

export interface Machine {
  /** Absolute, links resolved: of node, and of `imagetank.js` in its `.build` folder. */
  readonly node: string;
  readonly program: string;
  /** Content of its `/etc/group`. */
  readonly groups: string;
}

/** All files of the service as this version writes them. Throws `UserError` 73 when they cannot be made. */
export function renderFiles(folder: string, machine: Machine): readonly SystemFile[] {
  for (const path of [machine.node, machine.program]) {
    if (PLAIN_PATH.test(path)) continue;
    const hint = 'move it to a path of letters, digits, blanks and . _ + @ ~ -';
    throw new UserError('odd-path', 73, `cannot be written in a unit file, ${path}`, hint);
  }
  return FILES.map(([source, path, mode]) => ({ path, mode, text: fill(read(folder, source), machine) }));
}

/** Lines for `config.txt` of a Raspberry Pi. */
export function bootLines(folder: string, board: 'pibrella' | 'leds'): string {
  return read(folder, `config-${board}.txt`);
}

function read(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch (error) {
    const hint = 'install imagetank again: a part of it is missing';
    throw new UserError('incomplete', 73, `${join(folder, name)}: ${messageOf(error)}`, hint, error);
  }
}

function fill(text: string, { node, program, groups }: Machine): string {
  const hasGpio = /^gpio:/m.test(groups);
  // The package's folder, with node_modules; and of node the whole installation, as nvm unpacks it.
  const inHomes = [dirname(dirname(program)), dirname(dirname(node))].filter((path) => HOMES.test(path));
  return text
    .replaceAll('@NODE@', node)
    .replaceAll('@PROGRAM@', program)
    .replace('@GROUPS@', hasGpio ? 'SupplementaryGroups=gpio' : 'SupplementaryGroups=')
    .replace(
      '@BINDS@',
      ['BindReadOnlyPaths=', ...inHomes.map((path) => `BindReadOnlyPaths="${path}"`)].join('\n'),
    );
}
