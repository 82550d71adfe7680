import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { beforeAll, expect, test } from 'vitest';
import { buildPictureWorker } from './kit.ts';

let built: Awaited<ReturnType<typeof buildPictureWorker>>;

beforeAll(async () => {
  built = await buildPictureWorker();
  return () => built.remove();
});

test('whoever draws gives way: in time to everything, in memory before the daemon', async () => {
  const child = fork(built.workerPath);
  try {
    await once(child, 'message');
    const pid = child.pid ?? 0;
    expect(getPriority(pid)).toBe(19);
    expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim()).toBe('500');
  } finally {
    child.kill('SIGKILL');
  }
});
