import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { files } from './guest/files.ts';
import { programs } from './guest/programs.ts';
import type { Ended, Message } from './guest/protocol.ts';
import { request } from './guest/request.ts';
import { sampler } from './guest/sampler.ts';
import type { Sampled } from './vm/guest.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lab-agent-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(dir, { recursive: true, force: true });
});

const soon = () => new Promise((resolve) => setImmediate(resolve));

describe('files in the guest', () => {
  it('are written with a mode and read back byte for byte', () => {
    const path = join(dir, 'a');
    const base64 = Buffer.from([0, 255, 10]).toString('base64');
    files['write']?.({ path, base64, mode: 0o600 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(files['read']?.({ path })).toBe(base64);
  });

  it('are awaited until they are there, or gone, or time is up', async () => {
    const path = join(dir, 'a');
    const coming = files['awaitPath']?.({ path, timeoutMs: 30_000 });
    writeFileSync(path, '');
    expect(await coming).toBe(true);
    expect(files['exists']?.({ path })).toBe(true);
    const going = files['awaitPath']?.({ path, there: false, timeoutMs: 30_000 });
    rmSync(path);
    expect(await going).toBe(true);
    expect(await files['awaitPath']?.({ path, timeoutMs: 0 })).toBe(false);
  });

  it('are named by a text', () => {
    expect(() => files['read']?.({ path: 7 })).toThrow('path is not a text');
  });
});

describe('programs in the guest', () => {
  const sent: Message[] = [];
  const handlers = programs((message) => sent.push(message));
  const run = (message: Message) => handlers['run']?.(message) as Promise<Ended>;

  it('run to their end, with input, output and time', async () => {
    const result = await run({ argv: ['sh', '-c', 'cat; echo bad >&2; exit 4'], input: 'in' });
    expect(result).toMatchObject({ code: 4, signal: null, stdout: 'in', stderr: 'bad\n' });
    expect(result.tookMs).toBeGreaterThan(0);
  });

  it('are killed with all that they started when they take too long', async () => {
    const { signal } = await run({ argv: ['sh', '-c', 'sleep 600 & wait'], timeoutMs: 50 });
    expect(signal).toBe('SIGKILL');
  });

  it('that are not there are an error', async () => {
    await expect(run({ argv: ['no-such-program'] })).rejects.toThrow('ENOENT');
    expect(() => handlers['run']?.({ argv: [] })).toThrow('argv is not a list');
  });

  it('that go on tell their lines and their end, and take signals', async () => {
    handlers['start']?.({ tag: 't', argv: ['sh', '-c', 'echo one; sleep 600'] });
    while (!sent.some(({ line }) => line === 'one')) await soon();
    handlers['signal']?.({ tag: 't', name: 'SIGTERM' });
    while (!sent.some(({ ended }) => ended === 'SIGTERM')) await soon();
    expect(sent.every(({ tag, atMs }) => tag === 't' && Number(atMs) > 0)).toBe(true);
  });
});

describe('the sampler', () => {
  const set = (line: number, value: 0 | 1) => {
    mkdirSync(join(dir, `sim_gpio${line}`), { recursive: true });
    writeFileSync(join(dir, `sim_gpio${line}`, 'value'), `${value}\n`);
  };

  it('tells what each line was and when it changed, until it is stopped', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const handlers = sampler(dir);
    set(27, 0);
    set(4, 1);
    handlers['sampleStart']?.({ tag: 's', lines: [27, 4], everyMs: 5 });
    vi.advanceTimersByTime(5);
    set(27, 1);
    vi.advanceTimersByTime(10);
    const { edges, endMs } = handlers['sampleStop']?.({ tag: 's' }) as Sampled;
    expect(edges.map(({ line, value }) => [line, value])).toEqual([
      [27, 0],
      [4, 1],
      [27, 1],
    ]);
    expect(edges[2]?.atMs).toBeLessThanOrEqual(endMs);
    expect(() => handlers['sampleStop']?.({ tag: 's' })).toThrow('no sampling s');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells the levels of this moment', () => {
    set(27, 1);
    set(17, 0);
    expect(sampler(dir)['levels']?.({ lines: [27, 17] })).toEqual([1, 0]);
  });
});

describe('a request in the guest', () => {
  it('goes over a unix socket, with a body as JSON', async () => {
    const socket = join(dir, 'socket');
    const server = createServer((incoming, response) => {
      let body = '';
      incoming.on('data', (piece) => {
        body += String(piece);
      });
      incoming.on('end', () => {
        response.statusCode = 201;
        response.end(`${incoming.method} ${incoming.url} ${incoming.headers['content-type']} ${body}`);
      });
    });
    let connections = 0;
    server.on('connection', () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    try {
      const answer = await request({ socket, method: 'POST', path: '/x', body: { a: 1 } });
      expect(answer).toEqual({ status: 201, body: 'POST /x application/json {"a":1}' });
      // A kept connection may be closed just when it is used again.
      await request({ socket, method: 'GET', path: '/y' });
      expect(connections).toBe(2);
    } finally {
      server.close();
    }
  });

  it('fails when nobody listens', async () => {
    await expect(request({ socket: join(dir, 'none'), method: 'GET', path: '/' })).rejects.toThrow('ENOENT');
    expect(() => readFileSync(join(dir, 'none'))).toThrow();
  });
});
