import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { cacheDir, openCache } from './build/cache.ts';
import { buildParts } from './build/parts.ts';
import { programImage } from './build/program.ts';
import { snapshots } from './build/snapshots.ts';
import type { Host } from './host.ts';
import type { Kit } from './lab.ts';
import { killChildren } from './process.ts';
import { folders } from './vm/folders.ts';

export interface Places {
  /** The repository. */
  readonly project: string;
  /** Where `start.mjs` put the bundle. */
  readonly bundle: string;
}

export async function makeKit(host: Host, { project, bundle }: Places): Promise<Kit> {
  const cache = openCache(cacheDir(), (text) => console.log(text));
  const parts = await buildParts(cache, host, { project, agent: join(bundle, 'agent.mjs') });
  // The guest runs what is shipped, as it is now.
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: project, stdio: 'inherit' });
  const program = await programImage(cache, project);
  const own = folders(cache.dir);
  process.once('exit', () => own.clear());
  return { cache, parts, program, folders: own, snapshots: snapshots(cache, parts, program) };
}

/** However this run ends, no machine goes on (and should it be killed, the kernel ends them). */
export function endWithUs(): void {
  process.once('exit', killChildren);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(130));
}
