import type { MessagePort } from 'node:worker_threads';
import { type Answer, type Question, toMessage } from './messages.ts';
import { createOperations } from './operations.ts';

/** The thread's side: one call after the other, in the order in which they came. */
export function serveIo(port: MessagePort): void {
  const operations = createOperations();
  port.on('message', ({ id, name, args }: Question) => {
    port.postMessage(answer(id, operations[name] as (...all: readonly unknown[]) => unknown, args));
  });
}

function answer(id: number, run: (...all: readonly unknown[]) => unknown, args: readonly unknown[]): Answer {
  try {
    return { id, value: run(...args) };
  } catch (error) {
    return { id, error: toMessage(error) };
  }
}
