import { expect, test } from 'vitest';
import { inheritedSocket } from '../../adapters/systemd/inherited.ts';

test.each<[what: string, env: NodeJS.ProcessEnv, fd: number | null]>([
  ['one', { LISTEN_PID: '7', LISTEN_FDS: '1' }, 3],
  ['one with our name', { LISTEN_PID: '7', LISTEN_FDS: '1', LISTEN_FDNAMES: 'control' }, 3],
  ['the one of ours', { LISTEN_PID: '7', LISTEN_FDS: '3', LISTEN_FDNAMES: 'web:control:x' }, 4],
  ['the first, where none has our name', { LISTEN_PID: '7', LISTEN_FDS: '2', LISTEN_FDNAMES: 'a:b' }, 3],
  ['no name beyond the count', { LISTEN_PID: '7', LISTEN_FDS: '1', LISTEN_FDNAMES: 'a:control' }, 3],
  ['none', {}, null],
  ['none that is ours', { LISTEN_PID: '8', LISTEN_FDS: '1' }, null],
  ['none of whom nobody is said to be the owner', { LISTEN_FDS: '1' }, null],
  ['none of zero', { LISTEN_PID: '7', LISTEN_FDS: '0' }, null],
  ['none of nonsense', { LISTEN_PID: '7', LISTEN_FDS: 'x' }, null],
])('%s', (_, env, fd) => {
  expect(inheritedSocket(env, 7)).toBe(fd);
});
