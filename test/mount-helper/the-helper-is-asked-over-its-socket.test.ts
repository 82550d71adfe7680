import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { HelperMounter } from '../../adapters/mount-helper/helper-mounter.ts';
import { tempFolders } from './temp.ts';

const folder = tempFolders();
const TARGET = { node: '/dev/sda1', key: 'sda1#17' };
const servers: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];

afterEach(async () => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
    if (server.listening) await once(server, 'close');
  }
});

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Answers each line as it is told to. */
async function helper(answer: (line: string, socket: Socket) => void) {
  const socketPath = join(await folder(), 'socket');
  const lines: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      lines.push(String(data));
      answer(String(data), socket);
    });
  });
  servers.push({ server, sockets });
  server.listen(socketPath);
  await once(server, 'listening');
  const clock = new VirtualClock();
  return { lines, clock, sockets, socketPath, mounter: new HelperMounter({ clock, socketPath }) };
}

describe('the question', () => {
  it('is one line: verb, name and sequence number', async () => {
    const { mounter, lines, clock } = await helper((_, socket) => socket.end('ok /m\n'));
    await mounter.mountCard(TARGET);
    await mounter.mountDrive({ node: '/dev/mmcblk0p1', key: 'mmcblk0p1#4' });
    await mounter.unmount({ node: '/dev/sdb', key: 'sdb#i12-13.0' });
    expect(lines).toEqual(['mount-card sda1 17\n', 'mount-drive mmcblk0p1 4\n', 'unmount sdb -\n']);
    expect(clock.armed).toBe(0);
  });

  it.each([
    '/dev/../sda1',
    '/dev/mapper/x',
    'sda1',
    '/dev/sda1\nunmount',
    '/dev/',
    '/dev/dm-0',
    `/dev/${'a'.repeat(33)}`,
  ])('is not put for %j', async (node) => {
    const { mounter, lines } = await helper((_, socket) => socket.end('ok /m\n'));
    expect(await mounter.mountCard({ node, key: 'x#1' })).toMatchObject({
      ok: false,
      trouble: 'not-allowed',
    });
    expect(lines).toEqual([]);
  });
});

describe('the answer', () => {
  it('may come in pieces, and without the end of the connection', async () => {
    const { mounter } = await helper((_, socket) => {
      socket.write('ok /media/imag');
      setImmediate(() => socket.write('etank/sda1\nand more'));
    });
    expect(await mounter.mountCard(TARGET)).toEqual({ ok: true, path: '/media/imagetank/sda1' });
  });

  it.each([
    ['that is cut off', (socket: Socket) => socket.end('ok /media/imag'), 'ended without an answer'],
    ['that does not come', (socket: Socket) => socket.destroy(), 'ended without an answer'],
    ['that does not end', (socket: Socket) => socket.write('x'.repeat(9000)), 'too long'],
  ])('%s is a failure', async (_, act, detail) => {
    const { mounter, clock } = await helper((__, socket) => void act(socket));
    expect(await mounter.mountCard(TARGET)).toMatchObject({
      ok: false,
      trouble: 'failed',
      detail: expect.stringContaining(detail),
    });
    expect(clock.armed).toBe(0);
  });

  it.each([
    ['mountCard', 20_000],
    ['mountDrive', 70_000],
    ['unmount', 70_000],
  ] as const)('to %s is waited for %d ms', async (verb, deadlineMs) => {
    const { mounter, clock, sockets, lines } = await helper(() => undefined);
    let answered = false;
    const answer = mounter[verb](TARGET).then((given) => {
      answered = true;
      return given;
    });
    while (lines.length === 0) await turn();
    clock.advance(deadlineMs - 1);
    await turn();
    expect(answered).toBe(false);
    clock.advance(1);
    expect(await answer).toEqual({
      ok: false,
      trouble: 'failed',
      detail: `the mount helper did not answer in ${deadlineMs / 1000} s`,
    });
    const [socket] = sockets;
    if (socket?.destroyed === false) await once(socket, 'close');
  });
});

describe('without a helper', () => {
  it.each([
    ['no socket', () => undefined],
    ['a file in its place', (path: string) => writeFileSync(path, '')],
  ])('%s: volumes are used where somebody else mounts them', async (_, prepare) => {
    const socketPath = join(await folder(), 'socket');
    prepare(socketPath);
    const mounter = new HelperMounter({ clock: new VirtualClock(), socketPath });
    expect(await mounter.mountCard(TARGET)).toMatchObject({ ok: false, trouble: 'unavailable' });
    expect(await mounter.unmount(TARGET)).toMatchObject({ ok: false, trouble: 'unavailable' });
  });

  it.skipIf(process.getuid?.() === 0)('a socket that is for others', async () => {
    const { mounter, socketPath } = await helper((_, socket) => socket.end('ok /m\n'));
    chmodSync(socketPath, 0);
    expect(await mounter.mountCard(TARGET)).toMatchObject({ ok: false, trouble: 'unavailable' });
  });

  it('a socket path that is too long is a failure, not an exception', async () => {
    const mounter = new HelperMounter({ clock: new VirtualClock(), socketPath: `/${'x'.repeat(300)}` });
    expect(await mounter.mountCard(TARGET)).toMatchObject({ ok: false });
  });
});

it('one volume is asked for after the other, four side by side', async () => {
  const open: Socket[] = [];
  const { mounter, lines } = await helper((_, socket) => open.push(socket));
  const names = ['sda1', 'sda1', 'sdb1', 'sdc1', 'sdd1', 'sde1'];
  const answers = names.map((name) => mounter.mountCard({ node: `/dev/${name}`, key: `${name}#1` }));
  while (open.length < 4) await turn();
  expect(lines.map((line) => line.split(' ')[1]).toSorted()).toEqual(['sda1', 'sdb1', 'sdc1', 'sdd1']);
  for (let i = 0; i < names.length; i++) {
    while (open[i] === undefined) await turn();
    open[i]?.end('ok /m\n');
  }
  expect((await Promise.all(answers)).every((answer) => answer.ok)).toBe(true);
  expect(lines).toHaveLength(6);
});
