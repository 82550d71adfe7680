/** What the mount helper says of a volume before it mounts it: its own functions, on an image. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { START_BYTES } from '../../lab/images/partition-table.ts';
import { run } from '../../lab/process.ts';

const SCRIPT = 'adapters/systemd/imagetank-mount';

/** The script without its last line, which is the call of `main`. Gives the path of what `refusal` needs. */
export function helperFunctions(project: string, path: string): void {
  const text = readFileSync(join(project, SCRIPT), 'utf8');
  const functions = text.replace(/\nmain\n$/, '\n');
  if (functions === text) throw new Error(`${SCRIPT} does not end with the call of main`);
  const ask = 'FS=$1 NODE=$2 NAME=image; exec 3>&1 2>&1; if is_dirty; then check_drive; fi; echo fine';
  writeFileSync(path, `${functions}\n${ask}\n`);
}

/** Why it refuses, with what it logs; null when it mounts the volume. */
export async function refusal(functions: string, fileSystem: string, image: string): Promise<string | null> {
  const answer = (await run('/bin/sh', [functions, fileSystem, image])).trim();
  return answer === 'fine' || answer.endsWith('\nfine') ? null : answer;
}

/**
 * Does what the refusal tells a person to do. A checker ends with 1 or more where it repaired something: what it left is
 * judged, not what it says.
 */
export async function repair(refused: string, volume: string): Promise<void> {
  const [tool, ...options] = /^no needs-repair sudo (.*) \/dev\/image$/m.exec(refused)?.[1]?.split(' ') ?? [];
  if (tool === undefined) throw new Error(`no command that repairs: ${refused}`);
  await run('/bin/sh', ['-c', '"$@" >/dev/null 2>&1; [ "$?" -le 4 ]', 'repair', tool, ...options, volume]);
}

/** The volume of a disk with a partition table, as a file of its own. */
export async function extractVolume(disk: string, volume: string): Promise<void> {
  const how = [`bs=${START_BYTES}`, 'skip=1', 'conv=sparse', 'status=none'];
  await run('dd', [`if=${disk}`, `of=${volume}`, ...how]);
}

export async function putVolumeBack(volume: string, disk: string): Promise<void> {
  const how = [`bs=${START_BYTES}`, 'seek=1', 'conv=notrunc', 'status=none'];
  await run('dd', [`if=${volume}`, `of=${disk}`, ...how]);
}
