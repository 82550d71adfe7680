import { once } from 'node:events';
import { existsSync, lstatSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect, type Server as NetServer } from 'node:net';
import { dirname } from 'node:path';
import { messageOf, UserError } from '../../services/errors.ts';

/** Everybody but owner and group is kept out: rw-rw----. */
const SOCKET_UMASK = 0o117;
/** The mistakes of people, not a limit of the machine: commands are short, streams are counted elsewhere. */
const MAX_CONNECTIONS = 128;

/** For answers that are on their way; a client that does not read them may not keep the box from shutting down. */
export const CLOSE_GRACE_MS = 1000;

/**
 * Binds a unix socket with mode 0660. A file that a dead daemon left is removed.
 * Throws `UserError`: 75 when somebody answers on it, 73 when something else is there or it cannot be made.
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  await removeStale(path);
  server.maxConnections = MAX_CONNECTIONS;
  // listen() binds before it returns, so that no moment exists in which the socket has another mode.
  const before = process.umask(SOCKET_UMASK);
  try {
    server.listen({ path });
  } finally {
    process.umask(before);
  }
  await listening(server, path);
}

/** Takes over a socket that is bound and listening already: its path and mode are the service manager's. Throws `UserError` 73. */
export async function listenOnInherited(server: Server, fd: number): Promise<void> {
  server.maxConnections = MAX_CONNECTIONS;
  server.listen({ fd });
  await listening(server, `inherited descriptor ${fd}`);
}

/** Binds all addresses of the box. Throws `UserError` 75 when the port is taken, 77 when it may not be used. */
export async function listenOnPort(server: NetServer, port: number): Promise<void> {
  server.listen({ port });
  await listening(server, `port ${port}`);
}

async function listening(server: NetServer, where: string): Promise<void> {
  try {
    await once(server, 'listening');
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code;
    if (errno === 'EADDRINUSE') throw taken(where);
    if (errno === 'EACCES' || errno === 'EPERM') {
      throw new UserError('not-permitted', 77, `may not listen, ${where}`, 'choose another place', error);
    }
    throw new UserError(
      'cannot-listen',
      73,
      `cannot listen, ${where}: ${messageOf(error)}`,
      'choose another',
      error,
    );
  }
}

const taken = (where: string) =>
  new UserError('already-running', 75, `something listens already, ${where}`, 'stop the other daemon first');

async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    // Said here, because bind() of a path in a missing folder is reported as EACCES (libuv, `uv_pipe_bind`).
    if (existsSync(dirname(path))) return;
    throw new UserError(
      'cannot-listen',
      73,
      `the folder of the socket does not exist, ${path}`,
      'make it first',
    );
  }
  if (!found.isSocket()) {
    throw new UserError('cannot-listen', 73, `something that is no socket is there, ${path}`, 'move it away');
  }
  if (await answers(path)) throw taken(path);
  unlinkSync(path);
}

async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    // Anything but a refusal (a full backlog, no permission) means that somebody is there.
    return (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}
