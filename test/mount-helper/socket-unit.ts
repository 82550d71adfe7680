/** What `imagetank-mount.socket` does (`Accept=yes`): a process of the script for each connection. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

export interface SocketUnit {
  stop(): Promise<void>;
}

export async function serve(socketPath: string, command: readonly string[]): Promise<SocketUnit> {
  const [file = '', ...args] = command;
  const open = new Set<Socket>();
  const children = new Set<ChildProcess>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    children.add(child);
    child.on('close', () => children.delete(child));
    child.stdin.on('error', () => undefined);
    socket.pipe(child.stdin);
    child.stdout.pipe(socket);
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    async stop() {
      for (const socket of open) socket.destroy();
      await Promise.all([...children].map((child) => once(child, 'close')));
      server.close();
      await once(server, 'close');
    },
  };
}
