import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Guest } from './vm/guest.ts';
import { connectTo, type Json, Pending, splitJson } from './vm/json-lines.ts';
import { Qmp } from './vm/qmp.ts';

describe('lines of JSON', () => {
  const split = (...pieces: string[]) => {
    const objects: Json[] = [];
    const take = splitJson((object) => objects.push(object));
    for (const piece of pieces) take(piece);
    return objects;
  };

  it('come whole however they were cut', () => {
    expect(split('{"a":1}\n{"b"', ':', '2}\n{"c":3}')).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it('are not what a console or a torn line says', () => {
    expect(split('hello\n{"a":\n42\nnull\n{"a":1}\n')).toEqual([{ a: 1 }]);
  });

  it('have an end', () => {
    const endless = 'x'.repeat(33 << 20);
    expect(() => split(endless, endless)).toThrow('a line of more than');
  });
});

describe('requests that wait', () => {
  it('get their own answer, once', () => {
    const pending = new Pending();
    const got: unknown[] = [];
    const first = pending.add((_, value) => got.push(value));
    const second = pending.add((_, value) => got.push(value));
    pending.settle(second, null, 'b');
    pending.settle(second, null, 'again');
    pending.settle(first, null, 'a');
    expect(got).toEqual(['b', 'a']);
  });

  it('all fail when the other side is gone, and so do later ones', () => {
    const pending = new Pending();
    const errors: (string | undefined)[] = [];
    pending.add((error) => errors.push(error?.message));
    pending.failAll(new Error('gone'));
    pending.add((error) => errors.push(error?.message));
    expect(errors).toEqual(['gone', 'gone']);
  });
});

/** The other side of a socket: answers each request by a function. */
type Answer = (request: Json, send: (object: Json) => void) => void;
let dir: string;
let server: Server | null = null;
const open: Socket[] = [];

async function other(answer: Answer): Promise<Socket> {
  const path = join(dir, 'socket');
  server = createServer((socket) => {
    open.push(socket);
    const send = (object: Json) => socket.write(`${JSON.stringify(object)}\n`);
    socket.setEncoding('utf8').on(
      'data',
      splitJson((request) => answer(request, send)),
    );
  });
  server.listen(path);
  const socket = await connectTo(path, () => true);
  open.push(socket);
  return socket;
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lab-wire-'));
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
  server?.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('a socket', () => {
  it('is waited for, until nobody can ever listen', async () => {
    let looks = 0;
    const alive = () => {
      looks += 1;
      return looks < 3;
    };
    await expect(connectTo(join(dir, 'never'), alive)).rejects.toThrow('ENOENT');
    expect(looks).toBe(3);
  });
});

describe('QMP', () => {
  const start = async (answer: Answer) => {
    const qmp = new Qmp(
      await other((request, send) => {
        if (request['execute'] === 'qmp_capabilities') send({ id: request['id'], return: {} });
        else answer(request, send);
      }),
    );
    await qmp.start();
    return qmp;
  };

  it('gives what a command returns, and throws what QEMU says against it', async () => {
    const qmp = await start(({ id, execute }, send) =>
      execute === 'good' ? send({ id, return: 7 }) : send({ id, error: { desc: 'no such thing' } }),
    );
    expect(await qmp.run('good')).toBe(7);
    await expect(qmp.run('bad')).rejects.toThrow('bad: no such thing');
  });

  it('says that a device is gone when QEMU does, and not before', async () => {
    let goneToo = false;
    const qmp = await start(({ id, execute, arguments: args }, send) => {
      expect([execute, args]).toEqual(['device_del', { id: 'card' }]);
      send({ id, return: {} });
      send({ event: 'DEVICE_DELETED', data: { device: 'other' } });
      setImmediate(() => {
        goneToo = true;
        send({ event: 'DEVICE_DELETED', data: { device: 'card' } });
      });
    });
    await qmp.remove('card');
    expect(goneToo).toBe(true);
  });

  it('takes a medium away as soon as nobody uses it', async () => {
    let asked = 0;
    const qmp = await start(({ id }, send) => {
      asked += 1;
      send(asked < 3 ? { id, error: { desc: 'in use' } } : { id, return: {} });
    });
    await qmp.removeNode('card');
    expect(asked).toBe(3);
  });

  it('knows why the machine ended', async () => {
    const qmp = await start(({ id }, send) => {
      send({ event: 'SHUTDOWN', data: { reason: 'guest-reset' } });
      send({ id, return: {} });
    });
    expect(qmp.shutdownReason).toBeNull();
    await qmp.run('anything');
    expect(qmp.shutdownReason).toBe('guest-reset');
  });

  it('fails what is under way when QEMU is gone', async () => {
    const qmp = await start(() => open[0]?.destroy());
    await expect(qmp.run('query-status')).rejects.toThrow('QEMU is gone');
  });
});

describe('the guest', () => {
  const start = async (answer: Answer) => {
    const guest = new Guest(await other(answer));
    guest.listen();
    return guest;
  };
  const ended = (code: number, stdout: string) => ({ code, signal: null, stdout, stderr: 'oh', tookMs: 1 });

  it('runs a script and gives its output, or its words when it fails', async () => {
    const guest = await start(({ id, argv }, send) => {
      const script = (argv as string[])[2];
      send({ id, ok: script === 'true' ? ended(0, 'out\n') : ended(2, '') });
    });
    expect(await guest.sh('true')).toBe('out');
    await expect(guest.sh('false')).rejects.toThrow(/ended with 2: oh/);
  });

  it('is asked until a script succeeds, for so long and no longer', async () => {
    let tries = 0;
    const guest = await start(({ id }, send) => {
      tries += 1;
      send({ id, ok: tries < 2 ? ended(1, '') : ended(0, 'there') });
    });
    expect(await guest.until('test -e /x')).toBe('there');
    tries = -1_000;
    await expect(guest.until('test -e /x', 0)).rejects.toThrow('ended with 1');
  });

  it('throws what the agent could not do', async () => {
    const guest = await start(({ id }, send) => send({ id, error: 'ENOENT' }));
    await expect(guest.read('/x')).rejects.toThrow('ENOENT');
  });

  it('says which path never came, or never went', async () => {
    const guest = await start(({ id }, send) => send({ id, ok: false }));
    await expect(guest.awaitPath('/x', true, 5)).rejects.toThrow('/x is still not there after 5 ms');
    await expect(guest.awaitPath('/x', false, 5)).rejects.toThrow('/x is still there after 5 ms');
  });

  it('collects the lines of what was started, and its end', async () => {
    const guest = await start(({ id }, send) => {
      send({ tag: 't', line: 'a', atMs: 1 });
      send({ tag: 't', ended: 0, atMs: 2 });
      send({ id, ok: null });
    });
    await guest.launch('t', ['true']);
    expect(guest.lines).toEqual([
      { tag: 't', line: 'a', atMs: 1 },
      { tag: 't', line: 'ended with 0', atMs: 2 },
    ]);
  });
});
