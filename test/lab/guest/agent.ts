/**
 * The lab's hand in the guest: one JSON object a line over a virtio port. It stays in memory, because starting a
 * program takes a second on an emulated processor. Requests `{id, op, …}` are answered `{id, ok}` or `{id, error}`;
 * a started program's lines come as `{tag, line, atMs}`, its end as `{tag, ended, atMs}`. Times are the guest's
 * monotonic clock.
 */
import { createReadStream, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { files } from './files.ts';
import { looking } from './look.ts';
import { programs } from './programs.ts';
import type { Handler, Message } from './protocol.ts';
import { request } from './request.ts';
import { sampler } from './sampler.ts';

const port = openSync('/dev/virtio-ports/lab.agent', 'r+');

function send(message: Message): void {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let done = 0; done < bytes.length; ) done += writeSync(port, bytes, done);
}

const handlers: Readonly<Record<string, Handler>> = {
  ...files,
  ...programs(send),
  ...sampler(),
  ...looking(),
  request,
};

async function answer(line: string): Promise<void> {
  const message = JSON.parse(line) as Message & { id: number; op: string };
  const handler = handlers[message.op];
  try {
    if (handler === undefined) throw new Error(`no such operation: ${message.op}`);
    send({ id: message.id, ok: (await handler(message)) ?? null });
  } catch (error) {
    send({ id: message.id, error: error instanceof Error ? error.message : String(error) });
  }
}

createInterface({ input: createReadStream('', { fd: port, autoClose: false }) }).on('line', (line) => {
  void answer(line);
});
send({ hello: process.version });
