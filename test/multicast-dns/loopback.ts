import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const GROUP = '224.0.0.251';
const PATIENCE_MS = 3000;

const bind = async (port = 0): Promise<Socket> => {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  socket.bind({ port, address: '0.0.0.0' });
  await once(socket, 'listening');
  return socket;
};

/** A UDP port that nobody has. */
export async function freePort(): Promise<number> {
  const socket = await bind();
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Null when this machine hears on its loopback what it says to the group there; else why not. */
async function obstacle(): Promise<string | null> {
  const socket = await bind();
  try {
    socket.addMembership(GROUP, '127.0.0.1');
    socket.setMulticastInterface('127.0.0.1');
    const heard = once(socket, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) });
    socket.send('x', socket.address().port, GROUP, (error) => {
      if (error) socket.emit('error', error);
    });
    await heard;
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    socket.close();
  }
}

const why = await obstacle();
if (why !== null)
  console.info(`skipped: multicast over a real socket: the loopback does not carry it (${why})`);
export const hasMulticast = why === null;
