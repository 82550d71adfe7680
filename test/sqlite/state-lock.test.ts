import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockState } from '../../adapters/sqlite/state-lock.ts';

const HOLDER = fileURLToPath(new URL('./holder.mjs', import.meta.url));

describe('lockState', () => {
  let folder = '';
  let holder: ChildProcess | null = null;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'imagetank-lock-'));
  });
  afterEach(async () => {
    if (holder?.exitCode === null && holder.signalCode === null) {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    }
    holder = null;
    await rm(folder, { recursive: true });
  });

  it('is taken once, and given again when it was released', () => {
    const release = lockState(folder);
    expect(() => lockState(folder)).toThrowError(
      expect.objectContaining({ code: 'state-in-use', exitCode: 75 }),
    );
    release();
    lockState(folder)();
  });

  it('names the folder that is in use', () => {
    const release = lockState(folder);
    expect(() => lockState(folder)).toThrowError(folder);
    release();
  });

  it('refuses while another process holds it and is free when that was killed', async () => {
    holder = spawn(process.execPath, [HOLDER, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(holder.stdout ?? holder, 'data')) as [Buffer];
    expect(said.toString()).toBe('locked\n');
    expect(() => lockState(folder)).toThrowError(expect.objectContaining({ exitCode: 75 }));
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    lockState(folder)();
  });

  it('is not stopped by what an earlier daemon left', async () => {
    await writeFile(join(folder, 'daemon.lock'), '');
    lockState(folder)();
    lockState(folder)();
    expect(await readdir(folder)).toEqual(['daemon.lock']);
  });

  it('says what else is wrong: no such folder, a lock that is something else', async () => {
    expect(() => lockState(join(folder, 'none'))).toThrowError(
      expect.objectContaining({ name: 'JournalError', code: 'io' }),
    );
    await writeFile(
      join(folder, 'daemon.lock'),
      'these bytes are no database, and more than a hundred of them'.repeat(9),
    );
    await chmod(join(folder, 'daemon.lock'), 0o600);
    expect(() => lockState(folder)).toThrowError(
      expect.objectContaining({ name: 'JournalError', code: 'damaged' }),
    );
  });
});
