import type { MessagePort } from 'node:worker_threads';
import { type Answer, type Question, toMessage } from './messages.ts';
import { createOperations } from './operations.ts';

/** The thread's side: calls begin in the order in which they came, and are over when they return, but for a promise. */
export function serveIo(port: MessagePort): void {
  const operations = createOperations();
  port.on('message', ({ id, name, args }: Question) => {
    const run = operations[name] as (...all: readonly unknown[]) => unknown;
    answer(port, id, () => run(...args));
  });
}

function answer(port: MessagePort, id: number, run: () => unknown): void {
  const tell = (message: Answer): void => port.postMessage(message);
  const fail = (error: unknown): void => tell({ id, error: toMessage(error) });
  try {
    const value = run();
    if (value instanceof Promise) value.then((later: unknown) => tell({ id, value: later }), fail);
    else tell({ id, value });
  } catch (error) {
    fail(error);
  }
}
