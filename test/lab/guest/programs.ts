import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { count, type Ended, type Handler, list, type Message, nowMs, text } from './protocol.ts';

const MAX_OUTPUT_CHARS = 4 << 20;

export function programs(send: (message: Message) => void): Readonly<Record<string, Handler>> {
  const started = new Map<string, ChildProcess>();
  return {
    run: (message) => runToEnd(message),
    start: (message) => {
      const tag = text(message, 'tag');
      const child = launch(message);
      started.set(tag, child);
      for (const stream of [child.stdout, child.stderr]) {
        if (stream !== null) {
          createInterface({ input: stream }).on('line', (line) => send({ tag, line, atMs: nowMs() }));
        }
      }
      child.once('error', (error) => send({ tag, line: error.message, atMs: nowMs() }));
      child.once('close', (code, signal) => {
        started.delete(tag);
        send({ tag, ended: signal ?? code, atMs: nowMs() });
      });
    },
    signal: (message) => {
      const child = started.get(text(message, 'tag'));
      if (child?.pid !== undefined) process.kill(-child.pid, text(message, 'name') as NodeJS.Signals);
    },
  };
}

/** In a group of its own, so that what a shell started ends with it. */
function launch(message: Message): ChildProcess {
  const [command = '', ...args] = list(message, 'argv');
  return spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
}

function runToEnd(message: Message): Promise<Ended> {
  const startMs = nowMs();
  const child = launch(message);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(message['input'] ?? '');
  const timeout = setTimeout(
    () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    },
    count(message, 'timeoutMs', 60_000),
  );
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      clearTimeout(timeout);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timeout);
      resolve({ code, signal, stdout: stdout(), stderr: stderr(), tookMs: nowMs() - startMs });
    });
  });
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let out = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (piece: string) => {
    if (out.length < MAX_OUTPUT_CHARS) out += piece;
  });
  return () => out;
}
