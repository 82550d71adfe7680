import { rm } from 'node:fs/promises';
import { READY } from '../../services/worker-ports.ts';
import { AlteredError, draw, type OpenBelow } from './draw.ts';
import type { PictureAnswer, PictureRequest } from './messages.ts';

/** The child's side: answers one request after the other until the channel to the daemon closes. */
export function servePictures(child: NodeJS.Process, openBelow: OpenBelow): void {
  child.on('message', (request: PictureRequest) => {
    void answer(request, openBelow).then((said) => child.send?.(said));
  });
  child.on('disconnect', () => child.exit(0));
  child.send?.(READY);
}

async function answer(request: PictureRequest, openBelow: OpenBelow): Promise<PictureAnswer> {
  try {
    await draw(request, openBelow);
    return { id: request.id, outcome: 'made' };
  } catch (error) {
    await rm(request.into, { force: true });
    return { id: request.id, outcome: error instanceof AlteredError ? 'altered' : 'failed' };
  }
}
