/** What lies on a drive's image when no machine has it: read without mounting it, and without a kernel's opinion. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../process.ts';
import { START_BYTES } from './partition-table.ts';
import { sha256 } from './photos.ts';

/**
 * Hashes of files by their path on an ext4 image, below one folder. After a pull as whoever mounts it next will find
 * them: its journal is replayed, on a copy.
 */
export async function ext4Files(image: string, folder = 'Photos'): Promise<Map<string, string>> {
  const to = mkdtempSync(`${image}-`);
  const copy = `${to}.img`;
  try {
    // Without the partition table: e2fsck opens it anew after the replay, and forgets an offset.
    await run('dd', [
      `if=${image}`,
      `of=${copy}`,
      `bs=${START_BYTES}`,
      'skip=1',
      'conv=sparse',
      'status=none',
    ]);
    // It ends with 1 where it replayed something.
    await run('/bin/sh', ['-c', 'e2fsck -y -E journal_only "$0" || [ "$?" = 1 ]', copy]);
    await run('debugfs', ['-R', `rdump /${folder} ${to}`, copy]);
    const found = new Map<string, string>();
    // Missing where debugfs failed: it says so, and ends with 0.
    for (const entry of readdirSync(join(to, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      found.set(path.slice(to.length + 1), sha256(readFileSync(path)));
    }
    return found;
  } finally {
    rmSync(to, { recursive: true, force: true });
    rmSync(copy, { force: true });
  }
}

/** `clean` when it was unmounted after it had been written. */
export async function ext4State(image: string): Promise<string> {
  const text = await run('dumpe2fs', ['-h', `${image}?offset=${START_BYTES}`]);
  if (/Filesystem features:.* needs_recovery/.test(text)) return 'needs recovery';
  return /^Filesystem state: +(.*)$/m.exec(text)?.[1] ?? 'unknown';
}
